// fake_quantize.cpp: rounding that lets gradients pass.
#include "16_quantization/fake_quantize.hpp"

#include <cmath>

#include "01_tensor/todo.hpp"

namespace rushlight {
namespace {

// solution helper
struct Rounded {
  Array values;
  Mask passes;  // 1 inside the range, 0 outside
};

Rounded rounded(const Array& x, const std::vector<QParams>& params) {
  const Array here = x.cpu();
  Rounded result{.values = Array(x.shape()), .passes = Mask(x.shape())};
  const auto from = here.data();
  const auto to = result.values.mutable_data();
  const auto passes = result.passes.mutable_data();
  for (std::size_t i = 0; i < from.size(); ++i) {
    const QParams& p = params[i * params.size() / from.size()];  // equal rows, in order
    to[i] = from[i];
    if (std::isnan(from[i])) continue;
    to[i] = static_cast<Real>(dequantize(quantize(static_cast<float>(from[i]), p), p));
    const float q = round_half_even(static_cast<float>(from[i]) / p.scale) + static_cast<float>(p.zero_point);
    if (q >= static_cast<float>(p.lowest) && q <= 127) passes[i] = 1;
  }
  return {.values = result.values.to(x.device()), .passes = result.passes.to(x.device())};
}

Tensor recorded(const Tensor& x, const std::vector<QParams>& params) {
  const Rounded result = rounded(x.value(), params);
  return record("fake_quantize", result.values, {x}, Save::nothing,
                [passes = result.passes](const Backward& bw) -> Arrays {
                  return {where(passes, bw.grad, Array::scalar(0))};  // selected: 0 times an infinite G would be NaN
                });
}

bool would_quantize(Module& module) {
  return kind_of(module) == std::string("Linear") && module.stand_in() == nullptr && !own_parameters(module).empty();
}
// end solution

}  // namespace

// 16.8 fake_quantize  x (any shape), params -> same shape;  x̂ = dequantize(quantize(x))
//   dL/dx = G where lowest <= round(x/scale) + zero_point <= 127, else 0;  NaN stays NaN and has gradient 0
// Hint: keep a Mask for the rule, and let where() select: 0 times an infinity is NaN. What saturates is decided before
// clamping, after rounding.
Tensor fake_quantize(const Tensor& x, const QParams& params) { return recorded(x, {params}); }

// 16.8 fake_quantize  x (O, ...), params (O) -> same shape, each row by its own
// ShapeError that names x's shape and how many params there are, unless these agree.
// Hint: the same with params[i / (numbers in a row)].
Tensor fake_quantize(const Tensor& x, const std::vector<QParams>& params) {
  if (x.rank() == 0 || x.dim(0) != static_cast<std::int64_t>(params.size())) {
    throw ShapeError("fake_quantize: x is {}, but there are {} params: needs one a row.", {x.shape(), params.size()});
  }
  return recorded(x, params);
}

FakeQuantLinear::FakeQuantLinear(const Tensor& weight, const Tensor& bias, std::unique_ptr<Observer> observer)
    : weight_(weight), bias_(bias), observer_(std::move(observer)) {}

// 16.8 FakeQuantLinear::forward  x (..., I) -> (..., O)
//   in training: observer_ sees x, and input_ becomes its calculate_qparams()
//   linear(x̂, ŵ, bias), with x̂ by input_ (x itself while there is none), ŵ per row, symmetric, by its range now
// Hint: quantize() of 16.1 per channel gives the params of the weight. An observer needs a number: skip an x without any.
Tensor FakeQuantLinear::forward(const Tensor& x) {
  if (training() && x.size() > 0) {
    observer_->observe(x.value());
    input_ = observer_->calculate_qparams();
  }
  const QuantizedTensor weight = quantize(weight_.value(), {.granularity = Granularity::per_channel});
  return linear(input_ ? fake_quantize(x, *input_) : x, fake_quantize(weight_, weight.params), bias_);
}

void FakeQuantLinear::members(Members&) {}

// 16.8 prepare_qat  a FakeQuantLinear in the place of every Linear that is not skipped -> how many
// ValueError that names the format unless config.weights is int8; then what check_skip throws. Hint: named_modules(),
// kind_of, is_skipped and replace_with; the stand-in shares the layer's weight and bias; whether it is in training is what the
// layer says, whenever it is called.
std::int64_t prepare_qat(Module& model, const QuantizeConfig& config) {
  if (config.weights != WeightFormat::int8) {
    throw ValueError("prepare_qat: trains for int8; {} blocks are not simulated.", {name_of(config.weights)});
  }
  check_skip(model, config.skip);
  std::int64_t count = 0;
  for (const auto& [path, module] : model.named_modules()) {
    if (!would_quantize(*module) || is_skipped(path, config.skip)) continue;
    auto& layer = dynamic_cast<Linear&>(*module);
    module->replace_with(std::make_shared<FakeQuantLinear>(layer.weight, layer.bias, config.observer()));
    ++count;
  }
  return count;
}

}  // namespace rushlight
