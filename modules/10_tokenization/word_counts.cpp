// word_counts.cpp: given. Words repeat, so what is learnt from words is learnt from each distinct one.
#include <algorithm>
#include <array>
#include <map>

#include "01_tensor/error.hpp"
#include "10_tokenization/tokenizer.hpp"

namespace rushlight {
namespace {

// Which of some tokens stands at a place of a text.
class Cutter {
 public:
  explicit Cutter(const std::vector<std::string>& tokens) : longest_first_(tokens.begin(), tokens.end()) {
    std::stable_sort(longest_first_.begin(), longest_first_.end(),
                     [](std::string_view a, std::string_view b) { return a.size() > b.size(); });
    for (const std::string_view token : longest_first_) {
      if (token.empty()) throw ValueError("count_words: a special token must not be empty.");
      begins_[static_cast<unsigned char>(token[0])] = true;
    }
  }

  // How long the token at the start of `text` is; 0: there is none.
  std::size_t length_at(std::string_view text) const {
    if (text.empty() || !begins_[static_cast<unsigned char>(text[0])]) return 0;
    for (const std::string_view token : longest_first_) {
      if (text.starts_with(token)) return token.size();
    }
    return 0;
  }

 private:
  std::vector<std::string_view> longest_first_;
  std::array<bool, 256> begins_{};
};

}  // namespace

std::vector<WordCount> count_words(std::string_view text, const std::vector<std::string>& specials,
                                   Splitting splitting) {
  std::map<std::string_view, std::int64_t> counts;
  const auto count = [&](std::string_view part) {
    for (const std::string_view word : split_text(part, splitting)) ++counts[word];
  };
  const Cutter cutter(specials);
  std::size_t begin = 0;  // of the part that is text
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = cutter.length_at(text.substr(at));
    if (length > 0) {
      count(text.substr(begin, at - begin));
      begin = at + length;
    }
    at += std::max<std::size_t>(length, 1);
  }
  count(text.substr(begin));
  std::vector<WordCount> result;
  for (const auto& [word, times] : counts) result.push_back({word, times});
  return result;
}

}  // namespace rushlight
