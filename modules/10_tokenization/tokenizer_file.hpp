// tokenizer_file.hpp: what a tokenizer.json says about a byte-level BPE tokenizer, without the JSON. The JSON library
// takes seconds to compile; here it stays in one file that never changes.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "10_tokenization/tokenizer.hpp"

namespace rushlight {

// Tokens in the printable alphabet (byte_alphabet.cpp); special tokens as they are.
struct TokenizerFile {
  std::vector<std::pair<std::string, std::int32_t>> vocabulary;  // special tokens left out
  std::vector<std::pair<std::string, std::string>> merges;       // left and right part, by rank
  std::vector<std::pair<std::string, std::int32_t>> specials;
  Splitting splitting = Splitting::words;
};

// Written atomically, the vocabulary in the order that it is given in. Throws FileError that names the file and a special
// token that is not UTF-8, or is written like a token of the vocabulary, which other libraries would take it for.
void write_tokenizer_file(const std::string& path, const TokenizerFile& file);

// Throws FileError that names the file and what is wrong: it cannot be opened, is not JSON, holds another model or
// another splitting rule, a merge that has no two parts or stands there twice, an id that is not a whole number from 0 on,
// or a field that says what this library does not do (a normalizer, dropout, lstrip, ...). Whether vocabulary and merges
// fit is not looked at.
TokenizerFile read_tokenizer_file(const std::string& path);

}  // namespace rushlight
