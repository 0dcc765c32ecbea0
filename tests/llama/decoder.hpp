// decoder.hpp: what both programs decode: the last token that fits the context of a GPT, after ids that both know.
#pragma once

#include <cstdint>
#include <vector>

#include "networks.hpp"

namespace benchmarks {

constexpr std::int64_t decoder_vocabulary = 800, decoder_context = 512, decoder_heads = 8;

inline std::vector<std::int32_t> decoder_ids() {
  const std::vector<std::int64_t> ids = integers("ids", decoder_context, decoder_vocabulary);
  return {ids.begin(), ids.end()};
}

}  // namespace benchmarks
