// characters.cpp: the simplest tokenizer: one id per character.
#include <algorithm>
#include <set>

#include "01_tensor/error.hpp"
#include "01_tensor/todo.hpp"
#include "10_tokenization/tokenizer.hpp"

namespace rushlight {

// 10.1 characters  text -> its characters in order, as views;  a byte that starts no valid character stands alone
// Hint: 0xxxxxxx is one byte, 110xxxxx two, 1110xxxx three, 11110xxx four; those that follow are 10xxxxxx.
std::vector<std::string_view> characters(std::string_view text) {
  todo("10.1");
}

// 10.1 train  text -> a tokenizer with one id per distinct character, in the order of their bytes
// Hint: a std::set of strings sorts by bytes (std::string compares as unsigned char).
CharTokenizer CharTokenizer::train(std::string_view text) {
  todo("10.1");
}

// 10.1 encode  text -> ids
// Throws ValueError that names the unseen character and its byte offset.
// Hint: ids_ finds a std::string_view without making a string of it.
TokenIds CharTokenizer::encode(std::string_view text) const {
  todo("10.1");
}

// 10.1 decode  ids -> text
// Throws IndexError that names an id outside 0..vocabulary_size()-1.
// Hint: append characters_[id].
std::string CharTokenizer::decode(std::span<const std::int32_t> ids) const {
  todo("10.1");
}

}  // namespace rushlight
