// layers.hpp: all of module 03.
#pragma once

#include "03_layers/activation_layers.hpp"
#include "03_layers/batch_norm.hpp"
#include "03_layers/dropout.hpp"
#include "03_layers/init.hpp"
#include "03_layers/layer_norm.hpp"
#include "03_layers/linear.hpp"
#include "03_layers/module.hpp"
#include "03_layers/sequential.hpp"
