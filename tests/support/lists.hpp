// lists.hpp: long lists against expected ones. gtest shows the first 32 entries of both, which are often alike; here the
// failure begins where they part.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <vector>

namespace rushlight::test {

template <class List>
testing::AssertionResult same_list(const List& actual, const List& expected) {
  const auto [a, e] = std::mismatch(actual.begin(), actual.end(), expected.begin(), expected.end());
  if (a == actual.end() && e == expected.end()) return testing::AssertionSuccess();
  const auto from = [](auto place, auto end) {
    constexpr std::ptrdiff_t shown = 6;
    using Entry = std::iter_value_t<decltype(place)>;
    const auto last = std::next(place, std::min<std::ptrdiff_t>(shown, std::distance(place, end)));
    return place == end ? "nothing, it ends there" : testing::PrintToString(std::vector<Entry>(place, last));
  };
  return testing::AssertionFailure() << actual.size() << " long, expected " << expected.size() << "; they part at ["
                                     << std::distance(actual.begin(), a)
                                     << "], counted from 0\n  actual from there:   " << from(a, actual.end())
                                     << "\n  expected from there: " << from(e, expected.end());
}

}  // namespace rushlight::test
