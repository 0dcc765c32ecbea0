// checkpoint.cpp: a length, a header, and the numbers. Reading trusts nothing.
#include "07_training/checkpoint.hpp"

#include <algorithm>

#include "01_tensor/todo.hpp"

namespace rushlight {

// 07.5 encode_safetensors  content -> the bytes of the file: length, header, data
// Tensors in the order of the map; offsets count from the beginning of the data, begin of the first is 0. The header is
// padded with spaces until 8 + its length is a multiple of 8, and the length counts the padding. ValueError of header_json
// for a tensor whose bytes are more or fewer than its shape says.
// Hint: first collect the Header with running offsets, then header_json(header), then append everything.
std::vector<std::uint8_t> encode_safetensors(const SafeTensors& content) {
  todo("07.5");
}

// 07.5 decode_safetensors  bytes, the file's name for messages -> content;  FileError (file, offset, reason; of a tensor that
// does not fit also its name) for whatever breaks the layout. Check in this order: 8 bytes are there; the header's length
// fits the file; parse_header; every tensor's offsets.
// Hint: compare lengths with what is left (length > size - 8): a sum such as 8 + length may wrap around.
SafeTensors decode_safetensors(std::span<const std::uint8_t> bytes, const std::string& file) {
  todo("07.5");
}

}  // namespace rushlight
