#include "2025_alignment/style.hpp"

#include <algorithm>
#include <cctype>
#include <numeric>

namespace rushlight::alignment {
namespace {

// The places of the numbers, the smallest first.
template <class Number>
std::vector<std::int64_t> ascending(std::span<const Number> numbers) {
  std::vector<std::int64_t> places(numbers.size());
  std::iota(places.begin(), places.end(), 0);
  std::ranges::stable_sort(places, {}, [&](std::int64_t place) { return numbers[static_cast<std::size_t>(place)]; });
  return places;
}

}  // namespace

double word_length(std::string_view text) {
  std::int64_t letters = 0, words = 0;
  bool inside = false;
  for (const char c : text) {
    const bool is_letter = std::isalpha(static_cast<unsigned char>(c)) != 0;
    letters += is_letter;
    words += is_letter && !inside;
    inside = is_letter;
  }
  return words == 0 ? 0 : static_cast<double>(letters) / static_cast<double>(words);
}

Style thirds(const TokenIds& ids, const CharTokenizer& tokenizer, std::int64_t length, std::int64_t stride) {
  std::vector<double> lengths;
  for (std::int64_t start = 0; start + length <= std::ssize(ids); start += stride) {
    const auto window = std::span(ids).subspan(static_cast<std::size_t>(start), static_cast<std::size_t>(length));
    lengths.push_back(word_length(tokenizer.decode(window)));
  }
  const std::vector<std::int64_t> places = ascending(std::span<const double>(lengths));
  Style style;
  std::vector<std::int64_t>* const parts[] = {&style.short_words, &style.neutral, &style.long_words};
  for (std::size_t i = 0; i < places.size(); ++i) parts[3 * i / places.size()]->push_back(places[i] * stride);
  return style;
}

// Both lists from the unlikeliest on. Of two that do not fit, the unlikelier one finds no better partner further on.
std::vector<Pair> matched(std::span<const Real> chosen, std::span<const Real> rejected, double tolerance) {
  const std::vector<std::int64_t> left = ascending(chosen), right = ascending(rejected);
  std::vector<Pair> pairs;
  for (std::size_t c = 0, r = 0; c < left.size() && r < right.size();) {
    const double ahead = chosen[static_cast<std::size_t>(left[c])] - rejected[static_cast<std::size_t>(right[r])];
    const bool wants_chosen = pairs.size() % 2 == 0;
    if (std::abs(ahead) <= tolerance && (wants_chosen ? ahead > 0 : ahead < 0)) {
      pairs.push_back({left[c++], right[r++]});
    } else {
      const bool chosen_moves = wants_chosen ? ahead <= 0 : ahead < -tolerance;
      ++(chosen_moves ? c : r);
    }
  }
  if (pairs.size() % 2 == 1) pairs.pop_back();
  return pairs;
}

}  // namespace rushlight::alignment
