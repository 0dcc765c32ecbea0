// xtensor_svd.hpp: the only door to xtensor in this module; svd.cpp goes through it. Given.
#pragma once

#include "01_tensor/xtensor_headers.hpp"
