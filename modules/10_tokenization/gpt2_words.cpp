// gpt2_words.cpp: given. GPT-2's rule for where merges stop, without a library of regular expressions.
#include <array>

#include "10_tokenization/tokenizer.hpp"
#include "10_tokenization/unicode_classes.hpp"

namespace rushlight {
namespace {

enum class Kind : std::uint8_t { none, space, letter, number, other };

struct Character {
  Kind kind = Kind::none;  // none: the text is over
  std::size_t length = 0;
};

constexpr std::uint32_t no_character = 0xFFFFFFFF;

// The code point of `length` bytes; no_character where they are not UTF-8.
std::uint32_t code_point(std::string_view bytes) {
  constexpr std::array<std::uint32_t, 5> first_of_length = {0, 0, 0x80, 0x800, 0x10000};
  std::uint32_t point = static_cast<unsigned char>(bytes[0]) & (0x7FU >> bytes.size());
  for (const char byte : bytes.substr(1)) {
    if ((static_cast<unsigned char>(byte) & 0xC0U) != 0x80) return no_character;
    point = point << 6 | (static_cast<unsigned char>(byte) & 0x3FU);
  }
  const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  return surrogate || point > 0x10FFFF || point < first_of_length[bytes.size()] ? no_character : point;
}

// What stands at the beginning of `text`. A byte that begins no character is one of its own kind: "other".
Character next(std::string_view text) {
  if (text.empty()) return {};
  const auto first = static_cast<unsigned char>(text[0]);
  std::uint32_t point = first;
  std::size_t length = 1;
  if (first >= 0x80) {
    length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    point = first < 0xC0 || first >= 0xF8 || length > text.size() ? no_character : code_point(text.substr(0, length));
    if (point == no_character) return {Kind::other, 1};
  }
  if (is_letter(point)) return {Kind::letter, length};
  if (is_number(point)) return {Kind::number, length};
  return {is_white_space(point) ? Kind::space : Kind::other, length};
}

std::size_t run_of(Kind kind, std::string_view text) {
  std::size_t length = 0;
  for (Character c = next(text); c.kind == kind; c = next(text.substr(length))) length += c.length;
  return length;
}

// 's|'t|'re|'ve|'m|'ll|'d
std::size_t contraction(std::string_view text) {
  for (const std::string_view each : {"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"}) {
    if (text.starts_with(each)) return each.size();
  }
  return 0;
}

// White space before a word leaves its last character to what follows; at the end of the text it is taken whole.
std::size_t white_space(std::string_view text) {
  const std::size_t whole = run_of(Kind::space, text);
  if (whole == text.size()) return whole;
  std::size_t last = 0;
  for (std::size_t at = 0; at < whole; at += next(text.substr(at)).length) last = at;
  return last > 0 ? last : whole;
}

std::size_t piece(std::string_view text) {
  if (const std::size_t length = contraction(text)) return length;
  const std::size_t joined = text[0] == ' ' ? 1 : 0;
  const Kind kind = next(text.substr(joined)).kind;
  if (kind == Kind::none || kind == Kind::space) return white_space(text);
  return joined + run_of(kind, text.substr(joined));
}

}  // namespace

std::vector<std::string_view> split_gpt2(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    words.push_back(text.substr(0, piece(text)));
    text.remove_prefix(words.back().size());
  }
  return words;
}

std::vector<std::string_view> split_text(std::string_view text, Splitting splitting) {
  return splitting == Splitting::gpt2 ? split_gpt2(text) : split_words(text);
}

}  // namespace rushlight
