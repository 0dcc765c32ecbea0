// bpe_train.cpp: learning merges. Rescanning the corpus for every merge would cost vocabulary x corpus; here each
// merge touches only the places where its pair stands, so that the whole training is near-linear in the corpus.
#include <algorithm>
#include <queue>
#include <set>

#include "01_tensor/error.hpp"
#include "01_tensor/todo.hpp"
#include "10_tokenization/tokenizer.hpp"

namespace rushlight {

// 10.3 train  corpus, options -> a tokenizer;  merge the most frequent pair until the vocabulary is full
// Ties: the smaller left id, then the smaller right id. Pairs rarer than min_frequency are left alone, and so are pairs
// that occur nowhere (any more). Special tokens in the corpus are no text.
// Throws ValueError, before anything is learnt, when vocabulary_size has no room for the bytes and the special tokens,
// min_frequency is negative, or a special token is empty or there twice.
// The tokenizer keeps the splitting rule that it was trained with (splitting_).
// Hint: count_words gives each distinct word once, without the special tokens; a priority queue whose entries may be out
// of date (check when you pop); per pair the places where it stands, so that a merge visits those and nothing else.
BpeTokenizer BpeTokenizer::train(std::string_view corpus, const BpeOptions& options) {
  todo("10.3");
}

}  // namespace rushlight
