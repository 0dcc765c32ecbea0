// model.hpp: an ONNX file of layers one after the other, "x" (rows, width) -> "y" (rows, width). Field numbers are those of the
// public onnx.proto.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "message.hpp"

namespace onnx {

enum class Type : std::uint8_t { float32 = 1, uint8 = 2, int8 = 3 };  // TensorProto.DataType
using Dims = std::vector<std::int64_t>;

class Chain {
 public:
  Chain(std::int64_t rows, std::int64_t width, std::int64_t layers) : shape_{rows, width}, layers_(layers) {}

  // Adds y = x·Wᵀ + bias; weight (outputs, inputs).
  void linear(const std::vector<float>& weight, const std::vector<float>& bias);

  // Adds a DynamicQuantizeMatMul, which is what ONNX Runtime makes of a product that its quantize_dynamic has treated: it rounds
  // x to unsigned bytes by the range of all its numbers, multiplies whole numbers, and scales. codes (inputs, outputs) are of
  // `type` and stand for (code - zero)·scale of their output.
  void quantized(Type type, const std::string& codes, std::uint8_t zero, const std::vector<float>& scales,
                 const std::vector<float>& bias);

  std::string encoded() const;  // the file, once all layers are in it; of no layers: the input, handed on

 private:
  std::string name_of(std::int64_t place) const;  // of what layer `place` takes and the one before it gives
  std::string constant(Type type, const Dims& dims, const std::string& bytes);
  std::string constant(const Dims& dims, const std::vector<float>& numbers);
  Message node(const std::string& op, const std::vector<std::string>& constants);

  Dims shape_;
  std::int64_t layers_, added_ = 0, constants_ = 0;
  Message graph_;
};

}  // namespace onnx
