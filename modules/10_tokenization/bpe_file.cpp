// bpe_file.cpp: a tokenizer in a file, and the tokenizer that a file describes.
#include "01_tensor/todo.hpp"
#include "10_tokenization/tokenizer.hpp"
#include "10_tokenization/tokenizer_file.hpp"

namespace rushlight {

// 10.6 save  -> tokenizer.json
// Vocabulary in the order of the ids, merges by rank, both in the printable alphabet; special tokens as they are; the splitting rule.
// Hint: fill a TokenizerFile; write_tokenizer_file() puts it on disk. A special token is in specials_, with its id.
void BpeTokenizer::save(const std::string& path) const {
  todo("10.6");
}

// 10.6 load  tokenizer.json -> the tokenizer that was saved
// Throws FileError that names the file and what is wrong: what read_tokenizer_file() finds, a merge of unknown tokens,
// ids that do not follow from the merges.
// Hint: start from BpeTokenizer(), add the merges in order, and compare what you get with the file's vocabulary.
BpeTokenizer BpeTokenizer::load(const std::string& path) {
  todo("10.6");
}

}  // namespace rushlight
