// blocks.hpp: what transformers are stacked from (Vaswani et al., 2017), with the norms in front (Radford et al., 2019).
// Every place worth looking at has a hook point; their names are those of TransformerLens.
//
// Letters: B batch, T tokens, D model width, H heads, G key/value heads, K = D/H, M hidden width of the feed-forward
// layer, V vocabulary, S tokens of the context that a decoder reads, L layers.
#pragma once

#include <cstdint>
#include <vector>

#include "03_layers/layers.hpp"
#include "12_attention/attention.hpp"
#include "13_transformers/hooks.hpp"

namespace rushlight {

// --- 13.4 a norm and a feed-forward layer one can look into (feed_forward.cpp) -----------------------------------

struct HookedNormOptions {
  std::int64_t width = 0;  // D, at least 1
  double eps = 1e-5;       // greater than 0
};

// LayerNorm of module 03 over the last axis, with two hook points; shapes for x (B, T, D):
//   hook_scale (B, T, 1): √(variance + eps);  hook_normalized (B, T, D): (x - mean)/scale, before weight and bias.
// Without a hook there, x goes through the op layer_norm in one piece, by a fused kernel where one is installed, and
// neither of the two is ever computed; with a hook on either, the same is composed of smaller ops.
class HookedLayerNorm : public LayerNorm {
 public:
  explicit HookedLayerNorm(HookedNormOptions options);  // throws ValueError
  Tensor forward(const Tensor& x) override;             // (..., D) -> same shape
  void members(Members& m) override;

  HookPoint hook_scale, hook_normalized;
};

struct FeedForwardOptions {
  std::int64_t width = 0;   // D
  std::int64_t hidden = 0;  // M; 0: 4·width
};

// x (..., D) -> fc2(gelu(fc1(x))), same shape; GELU in the tanh form of GPT-2. fc1 is (M, D), fc2 is (D, M).
// Hook points: hook_pre (..., M) before GELU, hook_post (..., M) after it.
class FeedForward : public Module {
 public:
  FeedForward(FeedForwardOptions options, Generator& generator);
  Tensor forward(const Tensor& x) override;
  void members(Members& m) override;

  Linear fc1;
  HookPoint hook_pre, hook_post;
  Linear fc2;
};

// --- 13.5 attention one can look into (hooked_attention.cpp) -----------------------------------------------------

struct HookedAttentionOptions {
  std::int64_t width = 0;   // D, a multiple of heads
  std::int64_t heads = 0;   // H
  std::int64_t groups = 0;  // G, divides H; 0: as many as heads
  double dropout = 0;       // on the pattern, in training; 0 <= p < 1
  bool rotary = false;      // turn queries and keys by their positions; then K must be even
};

// The multi-head attention of module 12 with hook points on its way:
//   hook_q (B, T, H, K), hook_k and hook_v (B, S, G, K), with rotary hook_rot_q and hook_rot_k after the turn,
//   hook_attn_scores (B, H, T, S) after scale and mask, hook_pattern (B, H, T, S), hook_z (B, T, H, K) = pattern·v,
//   hook_result (B, T, H, D): what each head adds to the output, whose sum over the heads + out.bias is the output.
// A hook on scores or pattern forces the composed path where a faster attention kernel is installed. hook_result is
// silent unless use_attn_result is set, because the result of every head takes H times the memory of their sum.
class HookedAttention : public MultiHeadAttention {
 public:
  HookedAttention(HookedAttentionOptions options, Generator& generator);  // throws ValueError that names the option

  using MultiHeadAttention::forward;  // x (B, T, D) -> (B, T, D)
  Tensor forward(const Tensor& x, const Tensor& context, const AttentionOptions& options) override {
    return forward(x, context, context, options);
  }
  // Queries, keys and values from three tensors: (B, T, D), (B, S, D), (B, S, D). Each may also have an axis of heads,
  // (B, T, H, D) or (B, S, G, D): then every head reads its own copy.
  Tensor forward(const Tensor& query_in, const Tensor& key_in, const Tensor& value_in, const AttentionOptions& options);

  // forward() in two steps, for whoever wants to keep keys and values (a cache does).
  struct Heads {
    Tensor q;  // (B, H, T, K), turned when rotary
    Tensor k;  // (B, G, S, K), turned when rotary
    Tensor v;  // (B, G, S, K)
  };
  // The first token stands at position `start`. Throws ShapeError when the inputs have another rank or number of heads.
  Heads project(const Tensor& query_in, const Tensor& key_in, const Tensor& value_in, std::int64_t start = 0);
  Tensor attend(const Heads& heads, const AttentionOptions& options);  // (B, T, D)

  void members(Members& m) override;

  HookPoint hook_q, hook_k, hook_v, hook_rot_q, hook_rot_k, hook_attn_scores, hook_pattern, hook_z, hook_result;
  bool use_attn_result = false;

 private:
  bool rotary_;
};

// --- 13.6 blocks (blocks.cpp) ------------------------------------------------------------------------------------

// Hook points that cost something and therefore fire only on request.
struct HookFlags {
  bool use_attn_result = false;      // attn.hook_result
  bool use_split_qkv_input = false;  // hook_q_input, hook_k_input, hook_v_input: a copy of the stream for every head
  bool use_attn_in = false;          // hook_attn_in: one such copy for all three; needs as many groups as heads
  bool use_hook_mlp_in = false;      // hook_mlp_in: what the feed-forward branch reads, and only that
};

struct BlockOptions {
  std::int64_t width = 0;   // D, a multiple of heads
  std::int64_t heads = 0;   // H
  std::int64_t groups = 0;  // G, divides H; 0: as many as heads
  std::int64_t hidden = 0;  // M; 0: 4·width
  double dropout = 0;       // in training: on the attention pattern and on what either branch adds to the stream
  bool rotary = false;
};

// One pre-LN block, x (B, T, D) -> same shape:
//   middle = x + dropout(attn(ln1(x))),   y = middle + dropout(mlp(ln2(middle)))
// Hook points (B, T, D): hook_resid_pre (x), hook_attn_out, hook_resid_mid, hook_mlp_out, hook_resid_post (y); on
// request hook_attn_in, hook_q_input, hook_k_input, hook_v_input (B, T, H, D; before ln1, which then runs for every
// copy) and hook_mlp_in (B, T, D; before ln2). 16 parameters. Without a mask it is an encoder's layer, with
// {.causal = true} a decoder's that reads nothing else.
class TransformerBlock : public Module {
 public:
  TransformerBlock(BlockOptions options, Generator& generator);
  Tensor forward(const Tensor& x) override { return forward(x, AttentionOptions{}); }
  Tensor forward(const Tensor& x, const AttentionOptions& options);
  void members(Members& m) override;
  void set_hook_flags(const HookFlags& flags);  // given

  HookPoint hook_resid_pre, hook_attn_in, hook_q_input, hook_k_input, hook_v_input;
  HookedLayerNorm ln1;
  HookedAttention attn;
  Dropout attn_dropout;
  HookPoint hook_attn_out, hook_resid_mid, hook_mlp_in;
  HookedLayerNorm ln2;
  FeedForward mlp;
  Dropout mlp_dropout;
  HookPoint hook_mlp_out, hook_resid_post;

 private:
  Tensor attention_branch(const Tensor& residual, const AttentionOptions& options);

  HookFlags flags_;
};

using EncoderLayer = TransformerBlock;

// So many alike, one after the other. Given.
std::vector<TransformerBlock> make_blocks(const BlockOptions& options, std::int64_t layers, Generator& generator);

struct EncoderOptions {
  BlockOptions block;
  std::int64_t layers = 1;
};

// x (B, T, D) -> ln_final(blocks(x)), same shape. Every token sees every other, except where options.mask says no.
class Encoder : public Module {
 public:
  Encoder(EncoderOptions options, Generator& generator);  // throws ValueError when layers is below 1
  Tensor forward(const Tensor& x) override { return forward(x, AttentionOptions{}); }
  Tensor forward(const Tensor& x, const AttentionOptions& options);
  void members(Members& m) override;

  std::vector<TransformerBlock> blocks;
  HookedLayerNorm ln_final;
};

// A block that reads a second sequence, x (B, T, D), memory (B, S, D) -> (B, T, D), pre-LN:
//   a = x + dropout(self_attn(ln1(x))),  b = a + dropout(cross_attn(ln2(a), memory)),  y = b + dropout(mlp(ln3(b)))
// 26 parameters. Hook points (B, T, D): hook_resid_pre, hook_self_attn_out, hook_cross_attn_out, hook_mlp_out,
// hook_resid_post, and those of its parts. With rotary only self_attn turns: positions of two sequences do not compare.
class DecoderLayer : public Module {
 public:
  DecoderLayer(BlockOptions options, Generator& generator);
  // self_options.causal and so on are as you pass them: a decoder that must not see the future says {.causal = true}.
  Tensor forward(const Tensor& x, const Tensor& memory, const AttentionOptions& self_options = {.causal = true},
                 const AttentionOptions& cross_options = {});
  void members(Members& m) override;

  HookPoint hook_resid_pre;
  HookedLayerNorm ln1;
  HookedAttention self_attn;
  Dropout self_dropout;
  HookPoint hook_self_attn_out;
  HookedLayerNorm ln2;
  HookedAttention cross_attn;
  Dropout cross_dropout;
  HookPoint hook_cross_attn_out;
  HookedLayerNorm ln3;
  FeedForward mlp;
  Dropout mlp_dropout;
  HookPoint hook_mlp_out, hook_resid_post;
};

}  // namespace rushlight
