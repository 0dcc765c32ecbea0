// gguf_file.cpp: the bytes of a file of llama.cpp, written and read.
#include <algorithm>
#include <set>

#include "01_tensor/todo.hpp"
#include "16_quantization/gguf.hpp"

namespace rushlight {

// 16.9 encode_gguf  metadata and tensors -> the bytes of the file, as gguf.hpp draws it
// ValueError that names the tensor whose bytes are not as many as gguf_bytes says (and how many they are) or that has more
// than 4 axes, or the 'name' or key that is there twice.
// Hint: an offset counts from the end of the head, so it is known before the head is written: the sum of what went before,
// each rounded up to a multiple of 32. The file ends aligned, too.
std::vector<std::uint8_t> encode_gguf(const Gguf& content) {
  todo("16.9");
}

// 16.9 decode_gguf  the bytes of a file -> metadata and tensors
// FileError, by in.reject, for everything that gguf.hpp lists. Messages name what was read ("the magic", "the number of
// tensors", "the number of keys", "the length of a key") or what is wrong: "GGUF" or the version, the 'name' that is there
// twice, the "offset", the "alignment", sizes that cannot be "counted" (4 bytes a number, in 63 bits, zeros left out),
// filling that is "not zero", bytes "left over".
// Hint: GgufReader never reads behind the end, and count() asks beforehand whether so many things can be there: a key
// takes at least 12 bytes, a tensor of the list 24.
Gguf decode_gguf(std::span<const std::uint8_t> bytes, const std::string& file) {
  todo("16.9");
}

}  // namespace rushlight
