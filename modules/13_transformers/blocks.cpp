// blocks.cpp: a stream of vectors that runs through the model, and branches that read from it and add to it.
#include "13_transformers/blocks.hpp"
#include "01_tensor/todo.hpp"

namespace rushlight {
namespace {

HookedAttentionOptions attention_options(const BlockOptions& options) {
  return {.width = options.width,
          .heads = options.heads,
          .groups = options.groups,
          .dropout = options.dropout,
          .rotary = options.rotary};
}

// x (B, T, D) -> (B, T, copies, D)
Tensor copies_of(const Tensor& x, std::int64_t copies) {
  const std::int64_t batch = x.dim(0), tokens = x.dim(1), width = x.dim(2);
  return broadcast_to(reshape(x, {batch, tokens, 1, width}), {batch, tokens, copies, width});
}

std::int64_t checked_layers(std::int64_t layers) {
  if (layers < 1) throw ValueError("Encoder: {} layers; needs at least 1.", {layers});
  return layers;
}

}  // namespace

std::vector<TransformerBlock> make_blocks(const BlockOptions& options, std::int64_t layers, Generator& generator) {
  std::vector<TransformerBlock> blocks;
  for (std::int64_t i = 0; i < layers; ++i) blocks.emplace_back(options, generator);
  return blocks;
}

TransformerBlock::TransformerBlock(BlockOptions options, Generator& generator)
    : ln1({.width = options.width}),
      attn(attention_options(options), generator),
      attn_dropout({.p = options.dropout}, generator),
      ln2({.width = options.width}),
      mlp({.width = options.width, .hidden = options.hidden}, generator),
      mlp_dropout({.p = options.dropout}, generator) {}

// Given: the attention branch with the copies that flags ask for. Every flag makes what is read from the stream a
// tensor of its own, so that a hook there changes what attention reads and not the stream itself.
Tensor TransformerBlock::attention_branch(const Tensor& residual, const AttentionOptions& options) {
  if (!flags_.use_attn_in && !flags_.use_split_qkv_input) {
    const Tensor read = ln1(residual);
    return attn.forward(read, read, read, options);
  }
  Tensor queries_in = copies_of(residual, attn.heads());
  if (flags_.use_attn_in) {
    if (attn.groups() != attn.heads()) {
      throw ValueError("hook_attn_in: one copy for each head needs as many groups as heads; use_split_qkv_input.");
    }
    queries_in = hook_attn_in(queries_in);
  }
  if (!flags_.use_split_qkv_input) {
    const Tensor read = ln1(queries_in);
    return attn.forward(read, read, read, options);
  }
  const Tensor keys_in = flags_.use_attn_in ? queries_in : copies_of(residual, attn.groups());
  const Tensor q_in = hook_q_input(queries_in), k_in = hook_k_input(keys_in), v_in = hook_v_input(keys_in);
  return attn.forward(ln1(q_in), ln1(k_in), ln1(v_in), options);
}

// 13.6 TransformerBlock::forward  x (B, T, D) -> same shape
//   middle = x + dropout(attention_branch(x)),  y = middle + dropout(mlp(ln2(middle)))
// x passes hook_resid_pre; each branch its hook (hook_attn_out, hook_mlp_out) after the dropout; middle hook_resid_mid;
// y hook_resid_post. With flags_.use_hook_mlp_in, ln2 reads hook_mlp_in(middle); the sum keeps middle.
// Hint: attention_branch is given, and does the norm. The two sums are what carries the gradient down: without them, a
// deep stack does not train.
Tensor TransformerBlock::forward(const Tensor& x, const AttentionOptions& options) {
  todo("13.6");
}

void TransformerBlock::set_hook_flags(const HookFlags& flags) {
  flags_ = flags;
  attn.use_attn_result = flags.use_attn_result;
}

void TransformerBlock::members(Members& m) {
  m("hook_resid_pre", hook_resid_pre);
  m("hook_attn_in", hook_attn_in);
  m("hook_q_input", hook_q_input);
  m("hook_k_input", hook_k_input);
  m("hook_v_input", hook_v_input);
  m("ln1", ln1);
  m("attn", attn);
  m("attn_dropout", attn_dropout);
  m("hook_attn_out", hook_attn_out);
  m("hook_resid_mid", hook_resid_mid);
  m("hook_mlp_in", hook_mlp_in);
  m("ln2", ln2);
  m("mlp", mlp);
  m("mlp_dropout", mlp_dropout);
  m("hook_mlp_out", hook_mlp_out);
  m("hook_resid_post", hook_resid_post);
}

Encoder::Encoder(EncoderOptions options, Generator& generator)
    : blocks(make_blocks(options.block, checked_layers(options.layers), generator)),
      ln_final({.width = options.block.width}) {}

// 13.6 Encoder::forward  x (B, T, D) -> same shape;  every block in turn, then ln_final
// Hint: the blocks share the options, so all of them keep the same mask.
Tensor Encoder::forward(const Tensor& x, const AttentionOptions& options) {
  todo("13.6");
}

void Encoder::members(Members& m) {
  for (std::size_t i = 0; i < blocks.size(); ++i) m(formatted("blocks.{}", {i}), blocks[i]);
  m("ln_final", ln_final);
}

DecoderLayer::DecoderLayer(BlockOptions options, Generator& generator)
    : ln1({.width = options.width}),
      self_attn(attention_options(options), generator),
      self_dropout({.p = options.dropout}, generator),
      ln2({.width = options.width}),
      cross_attn({.width = options.width, .heads = options.heads, .groups = options.groups, .dropout = options.dropout},
                 generator),
      cross_dropout({.p = options.dropout}, generator),
      ln3({.width = options.width}),
      mlp({.width = options.width, .hidden = options.hidden}, generator),
      mlp_dropout({.p = options.dropout}, generator) {}

// 13.6 DecoderLayer::forward  x (B, T, D), memory (B, S, D) -> (B, T, D)
//   a = x + dropout(self_attn(ln1(x))),  b = a + dropout(cross_attn(ln2(a), memory)),  y = b + dropout(mlp(ln3(b)))
// x passes hook_resid_pre, y hook_resid_post, and what is added each time its hook point, after the dropout.
// Hint: cross_attn takes its queries from x, and keys and values from memory, which comes normalised from its encoder.
Tensor DecoderLayer::forward(const Tensor& x, const Tensor& memory, const AttentionOptions& self_options,
                             const AttentionOptions& cross_options) {
  todo("13.6");
}

void DecoderLayer::members(Members& m) {
  m("hook_resid_pre", hook_resid_pre);
  m("ln1", ln1);
  m("self_attn", self_attn);
  m("self_dropout", self_dropout);
  m("hook_self_attn_out", hook_self_attn_out);
  m("ln2", ln2);
  m("cross_attn", cross_attn);
  m("cross_dropout", cross_dropout);
  m("hook_cross_attn_out", hook_cross_attn_out);
  m("ln3", ln3);
  m("mlp", mlp);
  m("mlp_dropout", mlp_dropout);
  m("hook_mlp_out", hook_mlp_out);
  m("hook_resid_post", hook_resid_post);
}

}  // namespace rushlight
