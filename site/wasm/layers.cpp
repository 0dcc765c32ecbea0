#include "layers.hpp"

#include "03_layers/activation_layers.hpp"

namespace rushlight::live {

void add_activation(Sequential& net, const std::string& name) {
  if (name == "relu") {
    net.add(Relu());
  } else if (name == "tanh") {
    net.add(Tanh());
  } else if (name == "sigmoid") {
    net.add(Sigmoid());
  } else if (name == "gelu") {
    net.add(Gelu());
  } else if (name != "none") {
    throw ValueError("there is no activation {}; there are relu, tanh, sigmoid, gelu and none.", {name});
  }
}

}  // namespace rushlight::live
