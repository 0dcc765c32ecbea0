// quantized_layers.hpp: Linear and Embedding with small weights, for inference. They have no parameters: nothing in them can
// be trained.
// Letters: I inputs, O outputs, V vocabulary, D width, ... any leading axes.
#pragma once

#include <memory>
#include <optional>

#include "03_layers/module.hpp"
#include "16_quantization/block_product.hpp"
#include "16_quantization/int8_product.hpp"

namespace rushlight {

enum class WeightFormat : std::uint8_t {
  int8,  // one scale a row, symmetric; a layer quantises its input as well and multiplies whole numbers
  q8_0,  // ggml's blocks; the input stays float
  q4_0,
};
const char* name_of(WeightFormat format);  // "int8", "q8_0", "q4_0"; given (checks.cpp)

// A matrix in one of the formats. Layers that share a weight share one of these.
struct QuantizedWeight {
  WeightFormat format = WeightFormat::int8;
  QuantizedTensor int8 = {};            // with WeightFormat::int8
  std::vector<std::int32_t> sums = {};  // of its rows
  BlockTensor blocks = {};              // with the others

  const Shape& shape() const { return format == WeightFormat::int8 ? int8.shape : blocks.shape; }
};
using SharedWeight = std::shared_ptr<const QuantizedWeight>;

// --- 16.6 (quantized_layers.cpp) ---------------------------------------------------------------------------------------

// weight (rows, columns). Throws ShapeError unless it is a matrix, what quantize() and quantize_blocks() throw.
QuantizedWeight quantize_weight(const Array& weight, WeightFormat format);
Array dequantize(const QuantizedWeight& weight);

// What it takes in a file and in memory, without what is derived: int8: one byte a number and four a row; q8_0: 34 bytes for
// 32 numbers; q4_0: 18.
std::int64_t bytes_of(const QuantizedWeight& weight);

// x (..., I) -> (..., O), one op, "quantized_linear". Where a gradient is wanted of x, the op is recorded, and a backward
// pass that reaches it throws GraphError with the reason: rounding has no derivative.
class QuantizedLinear : public Module {
 public:
  // `input`: how to quantise x (static), or nothing: each row by its own range (dynamic). Only with WeightFormat::int8;
  // ValueError with the others, ShapeError when bias is neither empty nor (O). The bias is copied: a step of training
  // that changes the float layer's does not reach this one.
  QuantizedLinear(SharedWeight weight, const Tensor& bias, std::optional<QParams> input = {});
  Tensor forward(const Tensor& x) override;  // ShapeError where x does not fit
  void members(Members& m) override;         // the buffer "bias"

  const SharedWeight& weight() const { return weight_; }
  const std::optional<QParams>& input() const { return input_; }
  const Tensor& bias() const { return bias_; }

 private:
  SharedWeight weight_;
  Tensor bias_;
  std::optional<QParams> input_;
};

// ids (any shape) -> ids.shape + (D): the rows as floats, made when they are asked for, and no others. Nothing to train,
// so no graph.
class QuantizedEmbedding : public Module {
 public:
  explicit QuantizedEmbedding(SharedWeight weight) : weight_(std::move(weight)) {}
  Tensor forward(const Indices& ids);  // IndexError that names an id outside 0..V-1
  Tensor operator()(const Indices& ids) { return forward(ids); }
  void members(Members&) override {}

  const SharedWeight& weight() const { return weight_; }

 private:
  SharedWeight weight_;
};

}  // namespace rushlight
