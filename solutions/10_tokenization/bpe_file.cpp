// bpe_file.cpp: a tokenizer in a file, and the tokenizer that a file describes.
#include "01_tensor/todo.hpp"
#include "10_tokenization/tokenizer.hpp"
#include "10_tokenization/tokenizer_file.hpp"

namespace rushlight {

// 10.6 save  -> tokenizer.json
// Vocabulary in the order of the ids, merges by rank, both in the printable alphabet; special tokens as they are; the splitting rule.
// Hint: fill a TokenizerFile; write_tokenizer_file() puts it on disk. A special token is in specials_, with its id.
void BpeTokenizer::save(const std::string& path) const {
  TokenizerFile file;
  file.splitting = splitting_;
  const auto first_special = vocabulary_size() - static_cast<std::int32_t>(specials_.size());
  for (std::int32_t id = 0; id < first_special; ++id) file.vocabulary.emplace_back(to_printable(token(id)), id);
  for (const Merge& merge : merges_)
    file.merges.emplace_back(to_printable(token(merge.left)), to_printable(token(merge.right)));
  for (std::int32_t id = first_special; id < vocabulary_size(); ++id) file.specials.emplace_back(token(id), id);
  write_tokenizer_file(path, file);
}

// 10.6 load  tokenizer.json -> the tokenizer that was saved
// Throws FileError that names the file and what is wrong: what read_tokenizer_file() finds, a merge of unknown tokens,
// ids that do not follow from the merges.
// Hint: start from BpeTokenizer(), add the merges in order, and compare what you get with the file's vocabulary.
BpeTokenizer BpeTokenizer::load(const std::string& path) {
  const TokenizerFile file = read_tokenizer_file(path);
  try {
    BpeTokenizer tokenizer;
    tokenizer.splitting_ = file.splitting;
    for (const auto& [left, right] : file.merges) {
      const auto a = tokenizer.ids_.find(from_printable(left));
      const auto b = tokenizer.ids_.find(from_printable(right));
      if (a == tokenizer.ids_.end() || b == tokenizer.ids_.end()) {
        throw ValueError("the merge '{} {}' uses a token that no earlier merge makes.", {left, right});
      }
      tokenizer.add_merge(a->second, b->second);
    }
    for (const auto& [text, id] : file.vocabulary) {
      const auto found = tokenizer.ids_.find(from_printable(text));
      if (found == tokenizer.ids_.end() || found->second != id) {
        throw ValueError("the vocabulary's '{}' is not what the merges give.", {text});
      }
    }
    if (file.vocabulary.size() != tokenizer.ids_.size())
      throw ValueError("the vocabulary lacks tokens that the merges make.");
    for (const auto& [text, id] : file.specials) {
      if (id != tokenizer.vocabulary_size()) throw ValueError("its special tokens do not follow the vocabulary.");
      tokenizer.add_special(text);
    }
    return tokenizer;
  } catch (const Error& error) {
    throw FileError("{}: {}", {path, error.what()});
  }
}

}  // namespace rushlight
