// word_counts.cpp: given. Words repeat, so what is learnt from words is learnt from each distinct one.
#include <map>

#include "10_tokenization/tokenizer.hpp"

namespace rushlight {

std::vector<WordCount> count_words(std::string_view text) {
  std::map<std::string_view, std::int64_t> counts;
  for (const std::string_view word : split_words(text)) ++counts[word];
  std::vector<WordCount> result;
  for (const auto& [word, count] : counts) result.push_back({word, count});
  return result;
}

}  // namespace rushlight
