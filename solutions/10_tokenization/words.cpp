// words.cpp: where merges must stop. Without it, "dog.", "dog!" and "dog?" would each become tokens of their own
// together with whatever follows them.
#include "01_tensor/todo.hpp"
#include "10_tokenization/tokenizer.hpp"

namespace rushlight {
namespace {  // solution

constexpr std::string_view spaces = " \t\n\r";

std::size_t run_length(std::string_view text, std::size_t from, bool of_spaces) {
  const std::size_t end = of_spaces ? text.find_first_not_of(spaces, from) : text.find_first_of(spaces, from);
  return (end == std::string_view::npos ? text.size() : end) - from;
}

}  // namespace

// 10.2 split_words  text -> pieces;  " ?[^ \t\n\r]+|[ \t\n\r]+(?![^ \t\n\r])|[ \t\n\r]+"
// A run of spaces before a word gives its last space to the word if that is ' '; the rest of the run is a piece.
// Hint: find the run of spaces, then the run of others; three short cases decide what is a piece.
std::vector<std::string_view> split_words(std::string_view text) {
  std::vector<std::string_view> words;
  std::size_t at = 0;
  const auto take = [&](std::size_t length) {
    if (length > 0) words.push_back(text.substr(at, length));
    at += length;
  };
  while (at < text.size()) {
    const std::size_t blank = run_length(text, at, true);
    const bool word_follows = at + blank < text.size();
    if (blank > 0) take(word_follows ? blank - 1 : blank);  // all but the last, which stands before the word
    if (!word_follows) break;
    if (blank > 0 && text[at] != ' ') take(1);  // only a plain space joins the word
    const std::size_t joined = blank > 0 && text[at] == ' ' ? 1 : 0;
    take(joined + run_length(text, at + joined, false));
  }
  return words;
}

}  // namespace rushlight
