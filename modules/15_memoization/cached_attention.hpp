// cached_attention.hpp: who may see which column, and attention over keys and values that lie in several blocks.
// Letters: B batch, H heads, G key/value heads, K width of a head, T queries, S columns that are held, P places of a
// block.
#pragma once

#include <cstdint>
#include <vector>

#include "15_memoization/kv_cache.hpp"

namespace rushlight {

// --- 15.3 columns (columns.cpp) --------------------------------------------------------------------------------------

struct Columns {
  std::int64_t first = 0;
  std::int64_t count = 0;
};

// Queries and keys by their columns -> mask (B, 1, T, S), or (1, 1, T, S) when options.padding is empty. Query column t
// of row b sees key column s when all three hold:
//   s <= t,    s >= padding[b],    s > t - window  (only where window is not 0)
// What lies behind the newest query has not been written yet, and no query sees it, because of the first rule.
Mask visible_columns(Columns queries, Columns keys, const KVCacheOptions& options);

// The position of each column in its text: (B, T), or (1, T) when options.padding is empty; column - padding[b], and 0
// for a column that is padding.
Indices positions_of(Columns columns, const KVCacheOptions& options);

// --- 15.4 attention over blocks (attend_blocks.cpp) ------------------------------------------------------------------

// q (B, H, T, K), n blocks, mask that broadcasts to (B, H, T, n·P) -> (B, H, T, K):
//   softmax over all columns that the mask shows of q·kᵀ/√K, times v
// as scaled_dot_product_attention gives it for the blocks laid end to end; but keys and values stay where they are.
// A query that sees nothing gives zeros. Throws ShapeError when there is no block, or what 12.3 and 12.4 throw.
Tensor attend_blocks(const Tensor& q, const std::vector<KVBlock>& blocks, const Mask& mask);

}  // namespace rushlight
