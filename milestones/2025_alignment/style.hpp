// style.hpp: two styles of one text, short words and long ones, and pairs of windows that differ in little else.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "2025_alignment/texts.hpp"

namespace rushlight::alignment {

// Letters in a word, on average; a word is a row of letters. 0 where there is none.
double word_length(std::string_view text);

struct Style {
  std::vector<std::int64_t> short_words, neutral, long_words;  // where windows begin
};

// The windows of `length` characters that begin at multiples of `stride`, in three thirds by the length of their words.
Style thirds(const TokenIds& ids, const CharTokenizer& tokenizer, std::int64_t length, std::int64_t stride);

struct Pair {
  std::int64_t chosen = 0, rejected = 0;  // places in the two lists
};

// Pairs of texts about which a model has no opinion, by what it gives them (log p): the two are within `tolerance`, and
// the chosen one is likelier in every second pair. No text is in two of them.
std::vector<Pair> matched(std::span<const Real> chosen, std::span<const Real> rejected, double tolerance);

}  // namespace rushlight::alignment
