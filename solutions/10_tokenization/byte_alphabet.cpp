// byte_alphabet.cpp: bytes as printable characters, and back.
#include <array>

#include "01_tensor/error.hpp"
#include "01_tensor/todo.hpp"
#include "10_tokenization/tokenizer.hpp"

namespace rushlight {
namespace {  // solution

bool stands_for_itself(int byte) {
  return (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) || (byte >= 0xAE && byte <= 0xFF);
}

// The code point of every byte.
std::array<int, 256> make_alphabet() {
  std::array<int, 256> alphabet{};
  int next = 0x100;
  for (int byte = 0; byte < 256; ++byte)
    alphabet[static_cast<std::size_t>(byte)] = stands_for_itself(byte) ? byte : next++;
  return alphabet;
}

// UTF-8 of a code point below 0x800: one byte, or 110xxxxx 10xxxxxx.
std::string utf8(int code_point) {
  if (code_point < 0x80) return std::string(1, static_cast<char>(code_point));
  return {static_cast<char>(0xC0 | code_point >> 6), static_cast<char>(0x80 | (code_point & 0x3F))};
}

const std::array<std::string, 256>& printable_bytes() {
  static const std::array<std::string, 256> table = [] {
    std::array<std::string, 256> result;
    const std::array<int, 256> alphabet = make_alphabet();
    for (std::size_t byte = 0; byte < 256; ++byte) result[byte] = utf8(alphabet[byte]);
    return result;
  }();
  return table;
}

}  // namespace

// 10.6 to_printable  bytes -> UTF-8 text with one printable character per byte
// Hint: make the table of 256 code points once; below 0x800 UTF-8 has at most two bytes.
std::string to_printable(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) text += printable_bytes()[static_cast<unsigned char>(byte)];
  return text;
}

// 10.6 from_printable  the way back
// Throws ValueError that names a character outside the alphabet.
// Hint: characters() cuts the text; a map from character to byte, made once.
std::string from_printable(std::string_view text) {
  static const std::map<std::string, char, std::less<>> bytes = [] {
    std::map<std::string, char, std::less<>> result;
    for (std::size_t byte = 0; byte < 256; ++byte) result.emplace(printable_bytes()[byte], static_cast<char>(byte));
    return result;
  }();
  std::string result;
  for (const std::string_view character : characters(text)) {
    const auto found = bytes.find(character);
    if (found == bytes.end()) {
      throw ValueError("from_printable: '{}' does not stand for a byte.", {character});
    }
    result += found->second;
  }
  return result;
}

}  // namespace rushlight
