// checks.hpp: what is asked of a prediction and its target before anything is computed. Given.
#pragma once

#include "01_tensor/tensor.hpp"

namespace rushlight {

inline void check_target(const char* op, const Tensor& input, const Tensor& target) {
  if (input.shape() == target.shape()) return;
  throw ShapeError(
      "{}: the prediction is {} but the target is {}: their shapes must be equal. reshape() one "
      "of them; a loss never broadcasts.",
      {op, input.shape(), target.shape()});
}

}  // namespace rushlight
