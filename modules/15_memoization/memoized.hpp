// memoized.hpp: a text's logits, with memory. What a call has in common with the call before is not computed again, and
// what it has not in common is forgotten: a stale cache cannot be asked.
// Letters: V vocabulary.
#pragma once

#include <cstdint>
#include <vector>

#include "13_transformers/sampling.hpp"
#include "15_memoization/cached_gpt.hpp"

namespace rushlight {

using Tokens = std::vector<std::int32_t>;

// --- 15.6 (memoized.cpp) ---------------------------------------------------------------------------------------------

// How many tokens at the beginning of both are the same.
std::int64_t common_prefix(const Tokens& a, const Tokens& b);

// A copy remembers the same and shares its blocks: begin a text once, copy, continue each copy in its own way. The model
// must outlive it, and must not change: then clear().
class MemoizedGPT {
 public:
  explicit MemoizedGPT(GPT& model, const KVCacheOptions& options = {});  // ValueError unless batch is 1, no padding

  // -> (count, V): the logits after each of the last `count` tokens. Runs the model on those tokens that do not continue
  // what is remembered, and on the last `count` in any case, the head on these alone; afterwards it remembers exactly
  // `tokens`, and after something was thrown on the way no more of them than the cache holds. No op records a graph.
  // Throws ValueError unless 1 <= count <= tokens.size(), which forgets nothing, and what cached_features throws.
  Array logits(const Tokens& tokens, std::int64_t count = 1);

  const Tokens& remembered() const { return remembered_; }
  const KVCache& cache() const { return cache_; }
  GPT& model() const { return *model_; }
  void clear();  // given

 private:
  GPT* model_;
  KVCache cache_;
  Tokens remembered_;  // the first so many columns of the cache are these
};

// As generate() of 13.9, token for token, as long as prompt and new tokens fit the context; beyond it, 13.9 computes
// everything anew, because every position moves, and this throws ValueError before it begins: all but the last token
// need a place. (With rotary positions and a window there is no end.)
Tokens generate(MemoizedGPT& memory, const Tokens& prompt, Generator& generator, const GenerateOptions& options);

}  // namespace rushlight
