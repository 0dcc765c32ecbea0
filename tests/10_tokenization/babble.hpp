// babble.hpp: text of any length out of a few letters.
#pragma once

#include <string>
#include <string_view>

#include "01_tensor/random.hpp"

namespace rushlight::test {

inline std::string babble(std::int64_t length, std::uint64_t seed, std::string_view letters) {
  Generator generator(seed);
  std::string text;
  for (std::int64_t i = 0; i < length; ++i) text += letters[static_cast<std::size_t>(generator.below(letters.size()))];
  return text;
}

}  // namespace rushlight::test
