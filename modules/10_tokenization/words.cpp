// words.cpp: where merges must stop. Without it, "dog.", "dog!" and "dog?" would each become tokens of their own
// together with whatever follows them.
#include "01_tensor/todo.hpp"
#include "10_tokenization/tokenizer.hpp"

namespace rushlight {

// 10.2 split_words  text -> pieces;  " ?[^ \t\n\r]+|[ \t\n\r]+(?![^ \t\n\r])|[ \t\n\r]+"
// A run of spaces before a word gives its last space to the word if that is ' '; the rest of the run is a piece.
// Hint: find the run of spaces, then the run of others; three short cases decide what is a piece.
std::vector<std::string_view> split_words(std::string_view text) {
  todo("10.2");
}

}  // namespace rushlight
