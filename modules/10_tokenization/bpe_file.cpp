// bpe_file.cpp: tokenizer.json, as the Hugging Face tokenizers library writes and reads it.
#include <fstream>
#include <nlohmann/json.hpp>

#include "01_tensor/error.hpp"
#include "01_tensor/todo.hpp"
#include "07_training/checkpoint.hpp"
#include "10_tokenization/tokenizer.hpp"

#include <fmt/format.h>

namespace rushlight {

// 10.6 save  -> tokenizer.json: model {type BPE, vocab, merges}, pre_tokenizer, decoder, added_tokens
// Hint: write the pieces as JSON values; write_file() puts them on disk.
void BpeTokenizer::save(const std::string& path) const {
  todo("10.6");
}

// 10.6 load  tokenizer.json -> the tokenizer that was saved
// Throws FileError that names the file and what is wrong: not JSON, another model or splitting rule, a merge of unknown
// tokens, ids that do not follow from the merges.
// Hint: start from BpeTokenizer(), add the merges in order, and compare what you get with the file's vocab.
BpeTokenizer BpeTokenizer::load(const std::string& path) {
  todo("10.6");
}

}  // namespace rushlight
