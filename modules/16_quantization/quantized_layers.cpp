// quantized_layers.cpp: Linear and Embedding with small weights.
#include "16_quantization/quantized_layers.hpp"

#include "01_tensor/todo.hpp"

namespace rushlight {
namespace {

// (..., I) as rows (R, I).
Array as_rows(const Array& x) {
  std::int64_t rows = 1;
  for (int axis = 0; axis < x.rank() - 1; ++axis) rows *= x.dim(axis);
  return x.with_shape({rows, x.dim(-1)});
}

[[noreturn]] Arrays refuse_backward(const Backward&) {
  throw GraphError(
      "quantized_linear: a quantised layer is for inference: rounding has no derivative, and its weights are no "
      "parameters. Train the float model, or one that prepare_qat() has prepared, and quantise it afterwards.");
}

}  // namespace

// 16.6 quantize_weight  weight (rows, columns), format -> int8 per channel along axis 0, symmetric, with its row_sums; or
// blocks
// Hint: 16.1, 16.4 and 16.3 have done the work.
QuantizedWeight quantize_weight(const Array& weight, WeightFormat format) {
  if (weight.rank() != 2) throw ShapeError("quantize_weight: a {} is no matrix.", {weight.shape()});
  QuantizedWeight result{.format = format};
  todo("16.6");
  return result;
}

// 16.6 dequantize  the weight -> the floats that it stands for
// Hint: one of two functions that you have.
Array dequantize(const QuantizedWeight& weight) {
  todo("16.6");
}

// 16.6 bytes_of  int8: a byte a number and four a row (the scale);  blocks: their bytes
// Hint: sums are derived, and no file has them.
std::int64_t bytes_of(const QuantizedWeight& weight) {
  todo("16.6");
}

QuantizedLinear::QuantizedLinear(SharedWeight weight, const Tensor& bias, std::optional<QParams> input)
    : weight_(std::move(weight)), bias_(bias.defined() ? Tensor(bias.value().clone()) : Tensor()), input_(input) {
  const Shape& shape = weight_->shape();
  if (bias.defined() && bias.shape() != Shape{shape[0]}) {
    throw ShapeError("QuantizedLinear: bias is {}, but weight {} gives {} outputs.", {bias.shape(), shape, shape[0]});
  }
  if (input_ && weight_->format != WeightFormat::int8) {
    throw ValueError("QuantizedLinear: the input of a {} weight stays float, and cannot be quantised.",
                     {name_of(weight_->format)});
  }
}

// 16.6 QuantizedLinear::forward  x (..., I) -> (..., O), recorded as "quantized_linear" with refuse_backward for a rule
// Hint: as_rows, then int8_linear or block_linear, then the leading axes again; record(…, Save::nothing, refuse_backward)
// keeps the value alone when nobody wants a gradient.
Tensor QuantizedLinear::forward(const Tensor& x) {
  const Shape& shape = weight_->shape();
  if (x.rank() == 0 || x.dim(-1) != shape[1]) {
    throw ShapeError("QuantizedLinear: x {} and weight {} do not fit: needs x (..., {}).",
                     {x.shape(), shape, shape[1]});
  }
  todo("16.6");
}

void QuantizedLinear::members(Members& m) { m.buffer("bias", bias_); }

// 16.6 QuantizedEmbedding::forward  ids (any shape) -> ids.shape + (D): row ids[i] as floats
// IndexError that names an id outside 0..V-1. Hint: make the rows that are asked for, and no others.
Tensor QuantizedEmbedding::forward(const Indices& ids) {
  const std::int64_t count = weight_->shape()[0], width = weight_->shape()[1];
  const Indices here = ids.to(Device::cpu);
  for (const std::int32_t id : here.data()) {
    if (id < 0 || id >= count) throw IndexError("QuantizedEmbedding: id {} is outside 0 to {}.", {id, count - 1});
  }
  todo("16.6");
}

}  // namespace rushlight
