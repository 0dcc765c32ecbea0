// cached_gpt.hpp: the GPT of module 13, one piece of a text after the other. Whatever the pieces, the logits are those
// of the whole text at once.
//
// Always without dropout, whatever the mode, and without a graph: a cache holds numbers, and a gradient that stopped at
// them in silence would be a wrong one. So a backward pass through the results throws GraphError.
// Hook points of the stream, of norms and feed-forward layers, and hook_q, hook_k, hook_v and their turned ones fire,
// with the new tokens only; those of scores, pattern, z and result do not, nor what set_hook_flags asks for.
//
// Letters: B batch, T new tokens, D width, V vocabulary.
#pragma once

#include "15_memoization/cached_attention.hpp"

namespace rushlight {

// --- 15.5 (cached_gpt.cpp) -------------------------------------------------------------------------------------------

// x (B, T, D), normalised -> (B, T, D): attn.forward of the new tokens, which see the columns of `layer` too. Their keys
// and values join the layer; blocks that the window has left go first.
Tensor cached_attention(HookedAttention& attn, const Tensor& x, LayerCache& layer, const KVCacheOptions& options);

// block.forward in the same way: x (B, T, D) -> (B, T, D).
Tensor cached_block(TransformerBlock& block, const Tensor& x, LayerCache& layer, const KVCacheOptions& options);

// ids (B, T), the next T columns -> what the last norm leaves, (B, T, D). Learned positions are those of positions_of.
// Rotary ones turn by the column: padding moves all tokens of a row alike, and only distances count.
// Throws ShapeError unless ids are (B, T) with T >= 1 and the cache's B, ValueError when the columns go beyond the
// context (KVCache::check_room), IndexError that names an id outside the vocabulary. Then, and where a hook throws on the
// way, nothing is cached: the cache has the columns that it had, but for blocks that the new tokens no longer see.
Tensor cached_features(GPT& model, const Indices& ids, KVCache& cache);

// unembed of that: (B, T, V). Rows of padding hold numbers that mean nothing. Where a hook of the head throws, the columns
// are cached already.
Tensor cached_logits(GPT& model, const Indices& ids, KVCache& cache);

// --- given (no_backward.cpp) -----------------------------------------------------------------------------------------

// The value, with a node where a graph is being recorded; its rule throws GraphError that says why.
Tensor no_backward(const Array& value, GPT& model);
void check_new_ids(const Indices& ids, const GPT& model, const KVCache& cache);  // what cached_features asks of them

}  // namespace rushlight
