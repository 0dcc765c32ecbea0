// spatial.hpp: all of module 09.
#pragma once

#include "09_spatial/batch_norm2d.hpp"
#include "09_spatial/conv.hpp"
#include "09_spatial/pool.hpp"
#include "09_spatial/residual.hpp"
#include "09_spatial/window.hpp"
