// lora_parts.cpp: given. What adapters of every kind share.
#include <cmath>

#include "17_compression/lora.hpp"

namespace rushlight {

void LoraOptions::check() const {
  if (rank < 1) throw ValueError("Adapters: rank is {}, but it must be at least 1.", {rank});
  if (!std::isfinite(alpha)) throw ValueError("Adapters: alpha is {}, but it must be finite.", {alpha});
}

void freeze(Module& model) {
  for (Tensor& parameter : model.parameters()) {
    parameter.zero_grad();
    parameter.requires_grad_(false);
  }
}

}  // namespace rushlight
