// quantized_lora.cpp: given.
#include "17_compression/quantized_lora.hpp"

#include <cmath>

#include "03_layers/init.hpp"
#include "03_layers/linear.hpp"
#include "05_autograd/autograd.hpp"

namespace rushlight {
namespace {

// The base's value, with a way back for the gradient.
Tensor through(QuantizedLinear& base, const Tensor& x) {
  const Array y = base.forward(Tensor(x.value())).value();
  return record("quantized_linear", y, {x}, Save::nothing, [weight = base.weight()](const Backward& bw) -> Arrays {
    return {matmul(bw.grad, dequantize(*weight).to(bw.grad.device()))};
  });
}

}  // namespace

QuantizedLoraLinear::QuantizedLoraLinear(const QuantizedLinear& base, LoraOptions options, Generator& generator)
    : base_(base.weight(), base.bias(), base.input()), options_(options) {
  options.check();
  const Shape& shape = base.weight()->shape();
  a = Tensor(Array({options.rank, shape[1]}), true);
  const double bound = 1 / std::sqrt(static_cast<double>(shape[1]));
  uniform_(a, generator, -bound, bound);
  b = Tensor(zeros({shape[0], options.rank}), true);
}

Tensor QuantizedLoraLinear::forward(const Tensor& x) {
  const Tensor change = linear(linear(x, a), b);
  return through(base_, x) + change * Tensor(static_cast<Real>(options_.scale()));
}

void QuantizedLoraLinear::members(Members& m) {
  m("A", a);
  m("B", b);
}

Array QuantizedLoraLinear::merged() const {
  return dequantize(*base_.weight()) + matmul(b.value(), a.value()) * static_cast<Real>(options_.scale());
}

std::vector<std::shared_ptr<QuantizedLoraLinear>> adapt_quantized(Module& model, LoraOptions options,
                                                                  Generator& generator) {
  std::vector<std::shared_ptr<QuantizedLoraLinear>> adapters;
  for (const auto& [path, module] : model.named_modules()) {
    const auto* base = dynamic_cast<const QuantizedLinear*>(module->stand_in().get());
    if (base == nullptr) continue;
    adapters.push_back(std::make_shared<QuantizedLoraLinear>(*base, options, generator));
    module->replace_with(adapters.back());
  }
  if (adapters.empty()) throw ValueError("adapt_quantized: nothing in the model is quantised; quantize() it first.");
  freeze(model);
  return adapters;
}

}  // namespace rushlight
