// tokens.cpp: byte pair encoding learnt from the reader's own corpus, and a text cut with what it learnt.
#include "10_tokenization/tokenizer.hpp"
#include "json.hpp"
#include "widgets.hpp"

namespace rushlight::live {
namespace {

constexpr std::size_t most_bytes = 20000;

// A token is bytes, and perhaps no text: its numbers.
std::string bytes_of(const std::string& token) {
  return list(token, [](char byte) { return std::to_string(static_cast<unsigned char>(byte)); });
}

Splitting splitting_of(const std::string& name) {
  if (name == "words") return Splitting::words;
  if (name == "gpt2") return Splitting::gpt2;
  throw ValueError("tokens: there is no splitting rule {}; there are words and gpt2.", {name});
}

}  // namespace

// tokens MERGES words|gpt2 CORPUS TEXT, the last two as in an address (%20 for a space), - for nothing
std::string tokens(Request& request) {
  const auto merges = static_cast<int>(request.whole(0, 2000));
  const Splitting splitting = splitting_of(request.word());
  const std::string corpus = request.text(), text = request.text();
  if (corpus.size() + text.size() > most_bytes) {
    throw ValueError("tokens: corpus and text have {} bytes; this page takes {}.",
                     {std::int64_t(corpus.size() + text.size()), std::int64_t(most_bytes)});
  }
  const BpeTokenizer tokenizer = BpeTokenizer::train(corpus, {.vocabulary_size = 256 + merges, .splitting = splitting});
  const TokenIds ids = tokenizer.encode(text);
  return "{\"merges\":" +
         list(tokenizer.merges(),
              [&](const Merge& merge) {
                return "[" + bytes_of(tokenizer.token(merge.left)) + "," + bytes_of(tokenizer.token(merge.right)) + "]";
              }) +
         ",\"ids\":" + list(ids, [](std::int32_t id) { return std::to_string(id); }) +
         ",\"tokens\":" + list(ids, [&](std::int32_t id) { return bytes_of(tokenizer.token(id)); }) + "}";
}

}  // namespace rushlight::live
