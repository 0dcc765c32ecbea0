// quantized_lora.hpp: an adapter beside a weight of small numbers, so that a model can learn that is too large for floats
// (Dettmers and others, "QLoRA", 2023). Given; it needs module 16.
// Letters: O outputs, I inputs, r rank.
#pragma once

#include <string>
#include <vector>

#include "16_quantization/quantized_layers.hpp"
#include "17_compression/lora.hpp"

namespace rushlight {

// y = base(x) + (alpha/r)·(x·Aᵀ)·Bᵀ. The base is what QuantizedLinear computes. Its numbers never move, and it is no
// parameter. But gradients pass it, with the numbers that it stands for: dL/dx = G·W + ... In int8, where the input is
// rounded too, that is the derivative without the rounding (straight through, as in 16.8).
class QuantizedLoraLinear : public Module {
 public:
  // A from U(-1/√I, 1/√I), B zero: at first it computes what the base does. Throws as QuantizedLinear and Adapters do.
  QuantizedLoraLinear(const QuantizedLinear& base, LoraOptions options, Generator& generator);

  Tensor forward(const Tensor& x) override;  // x (..., I) -> (..., O)
  void members(Members& m) override;         // parameters "A" (r, I), "B" (O, r)

  // The numbers that the base stands for, and the change: W + (alpha/r)·B·A, (O, I). Quantise it anew, or train on.
  Array merged() const;
  const SharedWeight& base() const { return base_.weight(); }

  Tensor a, b;

 private:
  QuantizedLinear base_;
  LoraOptions options_;
};

// Puts one in the place of every QuantizedLinear that stands in for a part of `model` (Module::replace_with), in the
// order of named_modules(), and freezes the rest of the model. An optimizer gets the parameters of what is returned.
// Throws ValueError when nothing in the model is quantised.
std::vector<std::shared_ptr<QuantizedLoraLinear>> adapt_quantized(Module& model, LoraOptions options,
                                                                  Generator& generator);

}  // namespace rushlight
