// byte_alphabet.cpp: bytes as printable characters, and back.
#include <array>

#include "01_tensor/error.hpp"
#include "01_tensor/todo.hpp"
#include "10_tokenization/tokenizer.hpp"

namespace rushlight {

// 10.6 to_printable  bytes -> UTF-8 text with one printable character per byte
// Hint: make the table of 256 code points once; below 0x800 UTF-8 has at most two bytes.
std::string to_printable(std::string_view bytes) {
  todo("10.6");
}

// 10.6 from_printable  the way back
// Throws ValueError that names a character outside the alphabet.
// Hint: characters() cuts the text; a map from character to byte, made once.
std::string from_printable(std::string_view text) {
  todo("10.6");
}

}  // namespace rushlight
