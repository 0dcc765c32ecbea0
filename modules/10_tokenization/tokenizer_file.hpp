// tokenizer_file.hpp: what a tokenizer.json says about a byte-level BPE tokenizer, without the JSON. The JSON library
// takes seconds to compile; here it stays in one file that never changes.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace rushlight {

// Tokens in the printable alphabet (byte_alphabet.cpp); special tokens as they are.
struct TokenizerFile {
  std::vector<std::pair<std::string, std::int32_t>> vocabulary;  // special tokens left out
  std::vector<std::pair<std::string, std::string>> merges;       // left and right part, by rank
  std::vector<std::pair<std::string, std::int32_t>> specials;
};

// Written atomically, the vocabulary in the order that it is given in.
void write_tokenizer_file(const std::string& path, const TokenizerFile& file);

// Throws FileError that names the file and what is wrong: it cannot be opened, is not JSON, holds another model or
// another splitting rule, or a merge that has no two parts. Whether vocabulary and merges fit is not looked at.
TokenizerFile read_tokenizer_file(const std::string& path);

}  // namespace rushlight
