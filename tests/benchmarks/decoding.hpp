// decoding.hpp: what is timed to see what memory saves: the next token of a GPT after so many, in sizes that both
// programs share. "cached-512": keys and values of 512 tokens are there, one token runs; "whole-512": 513 tokens run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace benchmarks {

struct Decoding {
  bool cached = true;
  std::int64_t past = 0;
};

constexpr std::int64_t decoding_vocabulary = 65, decoding_width = 128, decoding_layers = 4, decoding_heads = 4;

inline std::optional<Decoding> find_decoding(const std::string& name) {
  const std::size_t dash = name.find('-');
  const std::string kind = name.substr(0, dash);
  if (dash == std::string::npos || (kind != "cached" && kind != "whole")) return {};
  return Decoding{kind == "cached", std::stoll(name.substr(dash + 1))};
}

}  // namespace benchmarks
