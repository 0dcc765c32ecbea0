// module_device.cpp: given. A model moves by moving what it owns; the places in the graph stay.
#include "03_layers/module.hpp"

namespace rushlight {

void Module::to(Device device) {
  const auto move = [device](const std::string&, Tensor& tensor) {
    tensor.mutable_value() = tensor.value().to(device);
    tensor.zero_grad();
  };
  visit_members(*this, {.parameter = move, .buffer = move});
}

}  // namespace rushlight
