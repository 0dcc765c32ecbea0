// cached_gpt.cpp: the forward pass of module 13 for the newest tokens alone.
#include "15_memoization/cached_gpt.hpp"

#include <algorithm>

#include "01_tensor/todo.hpp"
#include "05_autograd/autograd.hpp"

namespace rushlight {

// 15.5 cached_attention  x (B, T, D), normalised -> (B, T, D)
// With a window W, first evict what the first new token, at column layer.length(), does not see: all before that column
// - W + 1. Then project (13.5) at this column, append k and v, attend over the blocks, and through attn.out.
// Hint: layer.length() is the position of the first new token, until you append. The mask is visible_columns of the new
// columns and of all columns from layer.first() to layer.end(). merge_heads (12.6) comes before attn.out.
Tensor cached_attention(HookedAttention& attn, const Tensor& x, LayerCache& layer, const KVCacheOptions& options) {
  todo("15.5");
}

// 15.5 cached_block  x (B, T, D) -> (B, T, D);  middle = x + cached_attention(ln1(x)),  y = middle + mlp(ln2(middle))
// Through hook_resid_pre, hook_attn_out, hook_resid_mid, hook_mlp_out and hook_resid_post, as in 13.6; no dropout.
// Hint: 13.6 with another attention.
Tensor cached_block(TransformerBlock& block, const Tensor& x, LayerCache& layer, const KVCacheOptions& options) {
  todo("15.5");
}

// 15.5 cached_features  ids (B, T), the next T columns -> (B, T, D)
//   stream = hook_embed(embed(ids)) + hook_pos_embed(the rows of pos_embed->weight at positions_of the new columns)
// then every block with its own layer of the cache, then ln_final. All of it without a graph; the result leaves through
// no_backward.
// Hint: check_new_ids. A NoGrad in a scope of its own ends before no_backward looks. embedding() of 11.1 takes rows of
// any table; broadcast the positions to the stream before the hook point sees them.
Tensor cached_features(GPT& model, const Indices& ids, KVCache& cache) {
  check_new_ids(ids, model, cache);
  const std::int64_t before = cache.length();
  try {
    todo("15.5");
  } catch (...) {  // a hook that threw on its way: some layers may have the new columns, or all
    cache.truncate(before);
    throw;
  }
}

// 15.5 cached_logits  ids (B, T) -> (B, T, V);  unembed of the features, without a graph, through no_backward
// Hint: as above.
Tensor cached_logits(GPT& model, const Indices& ids, KVCache& cache) {
  todo("15.5");
}

}  // namespace rushlight
