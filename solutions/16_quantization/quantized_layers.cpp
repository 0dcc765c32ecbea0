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
  // solution 16.6
  if (format == WeightFormat::int8) {
    result.int8 = quantize(weight, {.scheme = Scheme::symmetric, .granularity = Granularity::per_channel, .axis = 0});
    result.sums = row_sums(result.int8);
  } else {
    result.blocks = quantize_blocks(weight, format == WeightFormat::q8_0 ? BlockType::q8_0 : BlockType::q4_0);
  }
  // end solution
  return result;
}

// 16.6 dequantize  the weight -> the floats that it stands for
// Hint: one of two functions that you have.
Array dequantize(const QuantizedWeight& weight) {
  return weight.format == WeightFormat::int8 ? dequantize(weight.int8) : dequantize(weight.blocks);
}

// 16.6 bytes_of  int8: a byte a number and four a row (the scale);  blocks: their bytes
// Hint: sums are derived, and no file has them.
std::int64_t bytes_of(const QuantizedWeight& weight) {
  if (weight.format != WeightFormat::int8) return static_cast<std::int64_t>(weight.blocks.bytes.size());
  return weight.shape().numel() + 4 * weight.shape()[0];
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
  // solution 16.6
  const Array rows = as_rows(x.value());
  const Array bias = bias_.defined() ? bias_.value() : Array();
  const Array y = weight_->format == WeightFormat::int8 ? int8_linear(rows, weight_->int8, weight_->sums, bias, input_)
                                                        : block_linear(rows, weight_->blocks, bias);
  Shape out = x.shape();
  out[out.rank() - 1] = shape[0];
  return record("quantized_linear", y.with_shape(out), {x}, Save::nothing, refuse_backward);
  // end solution
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
  // solution 16.6
  Shape out = ids.shape();
  out.push_back(width);
  Array rows(out);
  Real* to = rows.mutable_data().data();
  for (const std::int32_t id : here.data()) {
    if (weight_->format == WeightFormat::int8) {
      const std::int8_t* from = weight_->int8.values.data() + id * width;
      const QParams& params = weight_->int8.params[static_cast<std::size_t>(id)];
      for (std::int64_t i = 0; i < width; ++i) *to++ = static_cast<Real>(dequantize(from[i], params));
    } else {
      const std::int64_t row_bytes = width / block_size * block_bytes(weight_->blocks.type);
      const auto from = weight_->blocks.bytes.begin() + id * row_bytes;
      const Array row = dequantize(BlockTensor{
          .type = weight_->blocks.type, .shape = {width}, .bytes = std::vector<std::uint8_t>(from, from + row_bytes)});
      for (const Real number : row.data()) *to++ = number;
    }
  }
  return rows;
  // end solution
}

}  // namespace rushlight
