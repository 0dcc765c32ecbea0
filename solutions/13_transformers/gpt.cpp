// gpt.cpp: ids in, logits out.
#include <cmath>

#include "01_tensor/todo.hpp"
#include "13_transformers/gpt.hpp"

namespace rushlight {
namespace {

GPTOptions checked(const GPTOptions& options) {
  const std::pair<const char*, std::int64_t> sizes[] = {{"vocabulary", options.vocabulary},
                                                        {"context", options.context},
                                                        {"width", options.width},
                                                        {"layers", options.layers},
                                                        {"heads", options.heads}};
  for (const auto& [name, size] : sizes) {
    if (size < 1) throw ValueError("GPT: {} is {}, but it must be at least 1.", {name, size});
  }
  return options;
}

std::optional<LearnedPositions> positions_of(const GPTOptions& options, Generator& generator) {
  if (options.positions == Positions::rotary) return {};
  return LearnedPositions({.length = options.context, .width = options.width}, generator);
}

BlockOptions block_options(const GPTOptions& options) {
  return {.width = options.width,
          .heads = options.heads,
          .groups = options.groups,
          .hidden = options.hidden,
          .dropout = options.dropout,
          .rotary = options.positions == Positions::rotary};
}

// A tied head's weight is the same tensor as the embedding's: one parameter, two uses, and the sum of two gradients.
Tensor head_weight(const GPTOptions& options, const Tensor& embedding_weight) {
  return options.tied ? embedding_weight : Tensor(zeros({options.vocabulary, options.width}), true);
}

void check_ids(const Indices& ids, const GPTOptions& options) {
  const Shape& shape = ids.shape();
  if (shape.rank() != 2 || shape[1] < 1 || shape[1] > options.context) {
    throw ShapeError("GPT: the ids are {}: needs (B, T) with T from 1 to the context of {}.", {shape, options.context});
  }
}

}  // namespace

// 13.7 Unembed::forward  x (..., D) -> (..., V);  through hook_in, linear with weight and bias, through hook_out
// Hint: linear() of module 03 knows what to do with an empty bias.
Tensor Unembed::forward(const Tensor& x) { return hook_out(linear(hook_in(x), weight, bias)); }

void Unembed::members(Members& m) {
  m("hook_in", hook_in);
  m("weight", weight);
  m("bias", bias);
  m("hook_out", hook_out);
}

GPT::GPT(GPTOptions options, Generator& generator)
    : embed({.count = checked(options).vocabulary, .width = options.width}, generator),
      pos_embed(positions_of(options, generator)),
      dropout({.p = options.dropout}, generator),
      blocks(make_blocks(block_options(options), options.layers, generator)),
      ln_final({.width = options.width}),
      unembed(head_weight(options, embed.weight),
              options.head_bias ? Tensor(zeros({options.vocabulary}), true) : Tensor()),
      options_(options) {
  initialise(generator);
  hook_points(*this);  // tells every hook point its name
}

// 13.7 GPT::initialise  matrices from N(0, 0.02²), attn.out.weight and mlp.fc2.weight of each block from
// N(0, (0.02/√(2L))²), biases zero, the norms' weights one, also in a model that has learnt
// Hint: named_parameters(); rank and name tell what each is, and a tied weight is there once. 2L branches add to the
// stream, and a sum of 2L independent numbers has √(2L) times the deviation of one.
void GPT::initialise(Generator& generator) {
  const double deviation = 0.02, scaled = deviation / std::sqrt(2.0 * static_cast<double>(options_.layers));
  for (auto& [name, parameter] : named_parameters()) {
    const bool writes_to_stream = name.ends_with("attn.out.weight") || name.ends_with("mlp.fc2.weight");
    if (parameter.rank() == 2) {
      normal_(parameter, generator, 0, writes_to_stream ? scaled : deviation);
    } else if (name.ends_with("bias")) {
      zeros_(parameter);
    } else {
      ones_(parameter);  // of a norm
    }
  }
}

// 13.7 GPT::features  ids (B, T) -> (B, T, D)
//   stream = dropout(hook_embed(embed(ids)) + hook_pos_embed(positions)), every block with .causal = true, ln_final
// With rotary positions there is no pos_embed: the attention turns queries and keys instead.
// Hint: check_ids. Positions are (T, D) and broadcast by themselves; only when hook_pos_embed has hooks they must
// become (B, T, D) first.
Tensor GPT::features(const Indices& ids) {
  check_ids(ids, options_);
  Tensor stream = hook_embed(embed(ids));
  if (pos_embed) {
    const Tensor positions = pos_embed->forward(ids.shape()[1]);
    const bool watched = hook_pos_embed.has_hooks();
    stream = stream + (watched ? hook_pos_embed(broadcast_to(positions, stream.shape())) : positions);
  }
  stream = dropout(stream);
  for (TransformerBlock& block : blocks) stream = block.forward(stream, {.causal = true});
  return ln_final(stream);
}

// 13.7 GPT::forward  ids (B, T) -> logits (B, T, V)
// Hint: one line. embed and unembed are called with (), never with forward(): smaller ones may stand in (module 16).
Tensor GPT::forward(const Indices& ids) { return unembed(features(ids)); }

void GPT::set_hook_flags(const HookFlags& flags) {
  for (TransformerBlock& block : blocks) block.set_hook_flags(flags);
}

void GPT::members(Members& m) {
  m("embed", embed);
  m("hook_embed", hook_embed);
  if (pos_embed) {
    m("pos_embed", *pos_embed);
    m("hook_pos_embed", hook_pos_embed);
  }
  m("dropout", dropout);
  for (std::size_t i = 0; i < blocks.size(); ++i) m(formatted("blocks.{}", {i}), blocks[i]);
  m("ln_final", ln_final);
  m("unembed", unembed);
}

}  // namespace rushlight
