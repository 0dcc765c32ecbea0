// hooked_attention.cpp: multi-head attention with a hook point at every step.
// Letters: B batch, T queries, S keys, D width, H heads, G key/value heads, K width of a head.
#include "01_tensor/todo.hpp"
#include "11_embeddings/embeddings.hpp"
#include "13_transformers/blocks.hpp"

namespace rushlight {
namespace {

MultiHeadOptions checked(const HookedAttentionOptions& options) {
  if (options.rotary && options.heads > 0 && options.width / options.heads % 2 != 0) {
    throw ValueError("attention: rotary positions turn pairs, but a head is {} wide: choose an even width.",
                     {options.width / options.heads});
  }
  return {.width = options.width, .heads = options.heads, .groups = options.groups, .dropout = options.dropout};
}

const Axes swap_heads_and_tokens{0, 2, 1, 3};

// Each head's own copy of the input through its own rows of the weight. x (B, T, H, D) -> (B, T, H, K).
Tensor project_copies(const Linear& layer, const Tensor& x, std::int64_t heads) {
  const std::int64_t width = layer.weight.dim(1), head_width = layer.weight.dim(0) / heads;
  const Tensor weight_HKD = reshape(layer.weight, {heads, head_width, width});
  const Tensor y_BHTK = matmul(permute(x, swap_heads_and_tokens), weight_HKD, {.transpose_b = true});
  return permute(y_BHTK, swap_heads_and_tokens) + reshape(layer.bias, {heads, head_width});
}

// What each head adds to the output: z (B, T, H, K) through that head's columns of the weight (D, H·K) -> (B, T, H, D).
Tensor results_of_heads(const Tensor& z, const Tensor& weight) {
  const std::int64_t heads = z.dim(2), head_width = z.dim(3), width = weight.dim(0);
  const Tensor weight_HKD = permute(reshape(weight, {width, heads, head_width}), {1, 2, 0});
  return permute(matmul(permute(z, swap_heads_and_tokens), weight_HKD), swap_heads_and_tokens);
}

// `first`, where there is one, and then the hook point, where there is a hook.
Observe through(const Observe& first, HookPoint& point) {
  if (!point.has_hooks()) return first;
  return [first, &point](const Tensor& x) { return point(first ? first(x) : x); };
}

}  // namespace

HookedAttention::HookedAttention(HookedAttentionOptions options, Generator& generator)
    : MultiHeadAttention(checked(options), generator), rotary_(options.rotary) {}

// 13.5 HookedAttention::project  three inputs -> q (B, H, T, K), k and v (B, G, S, K)
// Each input is (B, T, D): through its Linear, reshaped to (B, T, H, K) (k and v: G heads), through hook_q, hook_k,
// hook_v, and permuted to heads first. Or it is (B, T, H, D): then project_copies, above, instead of the Linear.
// With rotary_, q and k are turned (rotary, first position `start`) once their heads are in front; hook_rot_q
// and hook_rot_k see them as (B, T, H, K).
// A Linear is called with (), never with forward(): a smaller one may stand in (module 16).
// ShapeError when an input has another rank, or as many copies as there are no heads.
// Hint: only permute for the rotary hook points when there is a hook, since nobody else needs it.
HookedAttention::Heads HookedAttention::project(const Tensor& query_in, const Tensor& key_in, const Tensor& value_in,
                                                std::int64_t start) {
  todo("13.5");
}

// 13.5 HookedAttention::attend  heads -> (B, T, D)
//   z = scaled_dot_product_attention(q, k, v) with the tokens in front, (B, T, H, K), through hook_z
//   out(z as (B, T, H·K)),  or with use_attn_result:  Σ over heads of hook_result(results_of_heads(z)) + out.bias
// H·K is D until heads are cut out (module 17).
// The options are the caller's with_own_dropout (12.7), and on_scores and on_pattern also lead through hook_attn_scores
// and hook_pattern, when those have hooks (through, above).
// Hint: an on_scores that is set costs the fused kernel, so set it only when somebody listens.
Tensor HookedAttention::attend(const Heads& heads, const AttentionOptions& options) {
  todo("13.5");
}

// 13.5 HookedAttention::forward  three inputs -> (B, T, D);  project, then attend
// Hint: one line.
Tensor HookedAttention::forward(const Tensor& query_in, const Tensor& key_in, const Tensor& value_in,
                                const AttentionOptions& options) {
  todo("13.5");
}

void HookedAttention::members(Members& m) {
  MultiHeadAttention::members(m);
  m("hook_q", hook_q);
  m("hook_k", hook_k);
  m("hook_v", hook_v);
  if (rotary_) {
    m("hook_rot_q", hook_rot_q);
    m("hook_rot_k", hook_rot_k);
  }
  m("hook_attn_scores", hook_attn_scores);
  m("hook_pattern", hook_pattern);
  m("hook_z", hook_z);
  m("hook_result", hook_result);
}

}  // namespace rushlight
