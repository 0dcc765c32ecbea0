// layers.hpp: activations by name, for the widgets that let a reader choose.
#pragma once

#include <string>

#include "03_layers/sequential.hpp"

namespace rushlight::live {

void add_activation(Sequential& net, const std::string& name);  // relu, tanh, sigmoid, gelu, or none

}  // namespace rushlight::live
