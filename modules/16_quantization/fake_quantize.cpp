// fake_quantize.cpp: rounding that lets gradients pass.
#include "16_quantization/fake_quantize.hpp"

#include <cmath>

#include "01_tensor/todo.hpp"

namespace rushlight {

// 16.8 fake_quantize  x (any shape), params -> same shape;  x̂ = dequantize(quantize(x))
//   dL/dx = G where lowest <= round(x/scale) + zero_point <= 127, else 0;  NaN stays NaN and has gradient 0
// Hint: keep a Mask for the rule, and let where() select: 0 times an infinity is NaN. What saturates is decided before
// clamping, after rounding.
Tensor fake_quantize(const Tensor& x, const QParams& params) {
  todo("16.8");
}

// 16.8 fake_quantize  x (O, ...), params (O) -> same shape, each row by its own
// ShapeError that names x's shape and how many params there are, unless these agree.
// Hint: the same with params[i / (numbers in a row)].
Tensor fake_quantize(const Tensor& x, const std::vector<QParams>& params) {
  todo("16.8");
}

FakeQuantLinear::FakeQuantLinear(const Tensor& weight, const Tensor& bias, std::unique_ptr<Observer> observer)
    : weight_(weight), bias_(bias), observer_(std::move(observer)) {}

// 16.8 FakeQuantLinear::forward  x (..., I) -> (..., O)
//   in training: observer_ sees x, and input_ becomes its calculate_qparams()
//   linear(x̂, ŵ, bias), with x̂ by input_ (x itself while there is none), ŵ per row, symmetric, by its range now
// Hint: quantize() of 16.1 per channel gives the params of the weight. An observer needs a number: skip an x without any.
Tensor FakeQuantLinear::forward(const Tensor& x) {
  todo("16.8");
}

void FakeQuantLinear::members(Members&) {}

// 16.8 prepare_qat  a FakeQuantLinear in the place of every Linear that is not skipped -> how many
// ValueError that names the format unless config.weights is int8; then what check_skip throws. Hint: named_modules(),
// kind_of, is_skipped and replace_with; the stand-in shares the layer's weight and bias; whether it is in training is what the
// layer says, whenever it is called.
std::int64_t prepare_qat(Module& model, const QuantizeConfig& config) {
  todo("16.8");
}

}  // namespace rushlight
