// gguf_tensor.cpp: numbers as they lie in a file of llama.cpp, and back.
#include <cmath>
#include <cstring>

#include "01_tensor/todo.hpp"
#include "16_quantization/block_product.hpp"
#include "16_quantization/gguf.hpp"

namespace rushlight {

// 16.9 gguf_tensor  name, x, type -> its bytes: floats, float16, or blocks
// ValueError that names the tensor and the number where a finite one becomes an infinity as a float16.
// Hint: floats_of(x); std::memcpy for f32; quantize_blocks has the bytes of the others.
GgufTensor gguf_tensor(const std::string& name, const Array& x, GgufType type) {
  todo("16.9");
}

// 16.9 load_array  a tensor of the file -> its numbers
// Hint: the way back.
Array load_array(const GgufTensor& tensor) {
  todo("16.9");
}

}  // namespace rushlight
