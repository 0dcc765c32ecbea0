// batch.hpp: several texts of different lengths at once. They share every product with the weights, which is what a
// batch is for. Letters: B batch, T columns.
#pragma once

#include "15_memoization/memoized.hpp"

namespace rushlight {

// --- 15.7 (batch.cpp) ------------------------------------------------------------------------------------------------

struct PaddedBatch {
  Indices ids;                        // (B, T), T the longest; zeros at the left of shorter ones
  std::vector<std::int64_t> padding;  // for each row, how many those are: KVCacheOptions::padding
};

// Padded at the left, so that the newest tokens of all rows share a column. Throws ValueError when there is no text or
// one is empty.
PaddedBatch pad_left(const std::vector<Tokens>& texts);

// generate() for several prompts at once. Each row ends at its own stop token; the others go on. In each round the rows
// that have not ended draw in their order, at temperature 0 not at all. No op records a graph. `options.batch` and
// `.padding` of the cache are not looked at. Throws ValueError for no prompt, an empty one, negative options.tokens, or
// as generate().
std::vector<Tokens> generate_batch(GPT& model, const std::vector<Tokens>& prompts, Generator& generator,
                                   const GenerateOptions& options, const KVCacheOptions& cache_options = {});

}  // namespace rushlight
