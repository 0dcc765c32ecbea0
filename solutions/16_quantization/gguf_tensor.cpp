// gguf_tensor.cpp: numbers as they lie in a file of llama.cpp, and back.
#include <cmath>
#include <cstring>

#include "01_tensor/todo.hpp"
#include "16_quantization/block_product.hpp"
#include "16_quantization/gguf.hpp"

namespace rushlight {
namespace {  // solution

std::vector<std::uint8_t> half_bytes(const std::string& name, const std::vector<float>& numbers) {
  std::vector<std::uint8_t> bytes;
  for (const float number : numbers) {
    const std::uint16_t half = half_from_float(number);
    if (std::isfinite(number) && !std::isfinite(float_from_half(half))) {
      throw ValueError("{}: {} does not fit into a float16.", {name, double{number}});
    }
    bytes.push_back(static_cast<std::uint8_t>(half & 255));
    bytes.push_back(static_cast<std::uint8_t>(half >> 8));
  }
  return bytes;
}

BlockType block_type(GgufType type) { return type == GgufType::q8_0 ? BlockType::q8_0 : BlockType::q4_0; }

}  // namespace

// 16.9 gguf_tensor  name, x, type -> its bytes: floats, float16, or blocks
// ValueError that names the tensor and the number where a finite one becomes an infinity as a float16.
// Hint: floats_of(x); std::memcpy for f32; quantize_blocks has the bytes of the others.
GgufTensor gguf_tensor(const std::string& name, const Array& x, GgufType type) {
  GgufTensor tensor{.name = name, .type = type, .shape = x.shape(), .bytes = {}};
  const std::vector<float> numbers = floats_of(x);
  if (type == GgufType::f32) {
    tensor.bytes.resize(4 * numbers.size());
    if (!numbers.empty()) std::memcpy(tensor.bytes.data(), numbers.data(), tensor.bytes.size());
  } else if (type == GgufType::f16) {
    tensor.bytes = half_bytes(name, numbers);
  } else {
    tensor.bytes = quantize_blocks(x, block_type(type)).bytes;
  }
  return tensor;
}

// 16.9 load_array  a tensor of the file -> its numbers
// Hint: the way back.
Array load_array(const GgufTensor& tensor) {
  if (tensor.type == GgufType::q8_0 || tensor.type == GgufType::q4_0) {
    return dequantize(BlockTensor{.type = block_type(tensor.type), .shape = tensor.shape, .bytes = tensor.bytes});
  }
  Array x(tensor.shape);
  const auto to = x.mutable_data();
  for (std::size_t i = 0; i < to.size(); ++i) {
    if (tensor.type == GgufType::f16) {
      to[i] = float_from_half(static_cast<std::uint16_t>(tensor.bytes[2 * i] | tensor.bytes[2 * i + 1] << 8));
    } else {
      float number = 0;
      std::memcpy(&number, tensor.bytes.data() + 4 * i, 4);
      to[i] = number;
    }
  }
  return x;
}

}  // namespace rushlight
