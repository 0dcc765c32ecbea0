// module_cases.hpp: the modules of 13 in the form that support/module_checks.hpp examines.
#pragma once

#include "12_attention/module_cases.hpp"
#include "13_transformers/transformer.hpp"

namespace rushlight::test {

using NamedShapes = std::vector<std::pair<std::string, Shape>>;

// Weights large enough that every gradient stands clear of rounding; GPT-2's start is too quiet for that.
template <class Layer>
Layer loud(Layer layer) {
  Generator g(11);
  for (auto& [name, parameter] : layer.named_parameters()) {
    Array value(parameter.shape());
    for (Real& each : value.mutable_data()) each = static_cast<Real>(2 * g.uniform() - 1);
    parameter.set_value(value);
  }
  return layer;
}

inline NamedShapes prefixed(const std::string& prefix, const NamedShapes& shapes) {
  NamedShapes result;
  for (const auto& [name, shape] : shapes) result.emplace_back(prefix + name, shape);
  return result;
}

inline NamedShapes joined(const std::vector<NamedShapes>& parts) {
  NamedShapes all;
  for (const NamedShapes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

// Names and shapes of the parts, d model width, m hidden width, kv keys' width.
inline NamedShapes norm_shapes(std::int64_t d) { return {{"weight", {d}}, {"bias", {d}}}; }

inline NamedShapes attention_shapes(std::int64_t d, std::int64_t kv) {
  return {{"q.weight", {d, d}},  {"q.bias", {d}},  {"k.weight", {kv, d}},  {"k.bias", {kv}},
          {"v.weight", {kv, d}}, {"v.bias", {kv}}, {"out.weight", {d, d}}, {"out.bias", {d}}};
}

inline NamedShapes feed_forward_shapes(std::int64_t d, std::int64_t m) {
  return {{"fc1.weight", {m, d}}, {"fc1.bias", {m}}, {"fc2.weight", {d, m}}, {"fc2.bias", {d}}};
}

inline NamedShapes block_shapes(std::int64_t d, std::int64_t kv, std::int64_t m) {
  return joined({prefixed("ln1.", norm_shapes(d)), prefixed("attn.", attention_shapes(d, kv)),
                 prefixed("ln2.", norm_shapes(d)), prefixed("mlp.", feed_forward_shapes(d, m))});
}

inline NamedShapes decoder_shapes(std::int64_t d, std::int64_t m) {
  return joined({prefixed("ln1.", norm_shapes(d)), prefixed("self_attn.", attention_shapes(d, d)),
                 prefixed("ln2.", norm_shapes(d)), prefixed("cross_attn.", attention_shapes(d, d)),
                 prefixed("ln3.", norm_shapes(d)), prefixed("mlp.", feed_forward_shapes(d, m))});
}

// An identity with a parameter, so that there is something to examine: x·weight through a hook point with a backward
// hook, which records the op "hook".
struct Hooked : Module {
  Hooked() : handle(point.add_gradient_hook([](const Array&, HookPlace&) { return Array(); })) {}
  Tensor forward(const Tensor& x) override { return point(x * weight); }
  void members(Members& m) override {
    m("weight", weight);
    m("point", point);
  }
  HookPoint point;
  HookPointHandle handle;
  Tensor weight = Tensor(Array({3}, {Real(0.5), -1, 2}), true);
};

inline ModuleCase decoder_case(const std::string& name, const BlockOptions& options) {
  const std::int64_t width = options.width;
  return {name,
          "DecoderLayer",
          [options] {
            Generator g(4);
            return std::make_unique<Wrapped<DecoderLayer>>(
                loud(DecoderLayer(options, g)), [](DecoderLayer& layer, const Tensor& x) {
                  return layer.forward(x, Tensor(randn({1, 3, layer.ln1.weight.size()}, 5).to(x.device())));
                });
          },
          {1, 3, width},
          prefixed("inner.", decoder_shapes(width, options.hidden)),
          {},
          {"inner.self_attn.k.bias", "inner.cross_attn.k.bias"}};
}

// x·logits of three tokens.
inline ModuleCase gpt_case(const std::string& name, const GPTOptions& options, const NamedShapes& parameters) {
  ModuleCase result{name,
                    "GPT",
                    [options] {
                      Generator g(5);
                      return std::make_unique<Wrapped<GPT>>(loud(GPT(options, g)), [](GPT& gpt, const Tensor& x) {
                        return x * gpt(Indices({2, 3}, {3, 1, 1, 0, 2, 4}).to(x.device()));
                      });
                    },
                    {2, 3, 5},
                    prefixed("inner.", parameters)};
  if (options.positions == Positions::learned) result.structural_zeros = {"inner.blocks.0.attn.k.bias"};
  return result;
}

inline std::vector<ModuleCase> transformer_module_cases() {
  return {
      {"HookPoint", "HookPoint", [] { return std::make_unique<Hooked>(); }, {2, 3}, {{"weight", {3}}}},
      {"HookedLayerNorm",
       "HookedLayerNorm",
       [] { return std::make_unique<HookedLayerNorm>(loud(HookedLayerNorm({.width = 4}))); },
       {2, 3, 4},
       norm_shapes(4)},
      {"FeedForward",
       "FeedForward",
       [] {
         Generator g(1);
         return std::make_unique<FeedForward>(FeedForwardOptions{.width = 3, .hidden = 5}, g);
       },
       {2, 2, 3},
       feed_forward_shapes(3, 5)},
      {"HookedAttention",
       "HookedAttention",
       [] {
         Generator g(2);
         return std::make_unique<HookedAttention>(HookedAttentionOptions{.width = 4, .heads = 2, .dropout = 0.3}, g);
       },
       {2, 3, 4},
       attention_shapes(4, 4),
       {},
       {"k.bias"}},
      {"HookedAttentionRotaryGroups",  // rotary: no structural zero
       "HookedAttention",
       [] {
         Generator g(2);
         return std::make_unique<HookedAttention>(
             loud(HookedAttention({.width = 8, .heads = 4, .groups = 2, .rotary = true}, g)));
       },
       {1, 2, 8},
       attention_shapes(8, 4)},
      {"TransformerBlock",
       "TransformerBlock",
       [] {
         Generator g(3);
         return std::make_unique<TransformerBlock>(
             loud(TransformerBlock({.width = 4, .heads = 2, .hidden = 3, .dropout = 0.3}, g)));
       },
       {2, 3, 4},
       block_shapes(4, 4, 3),
       {},
       {"attn.k.bias"}},
      {"Encoder",
       "Encoder",
       [] {
         Generator g(3);
         return std::make_unique<Encoder>(
             loud(Encoder({.block = {.width = 3, .heads = 1, .hidden = 2}, .layers = 2}, g)));
       },
       {1, 2, 3},
       joined({prefixed("blocks.0.", block_shapes(3, 3, 2)), prefixed("blocks.1.", block_shapes(3, 3, 2)),
               prefixed("ln_final.", norm_shapes(3))}),
       {},
       {"blocks.0.attn.k.bias", "blocks.1.attn.k.bias"}},
      decoder_case("DecoderLayer", {.width = 4, .heads = 2, .hidden = 3}),
      decoder_case("DecoderLayerWithDropout", {.width = 3, .heads = 1, .hidden = 2, .dropout = 0.2}),
      {"Unembed",
       "Unembed",
       [] {
         return std::make_unique<Unembed>(Tensor(randn({5, 4}, 6), true), Tensor(randn({5}, 7), true));
       },
       {2, 3, 4},
       {{"weight", {5, 4}}, {"bias", {5}}}},
      gpt_case("GPT", {.vocabulary = 5, .context = 4, .width = 4, .layers = 1, .heads = 2, .hidden = 3, .dropout = 0.2},
               joined({{{"embed.weight", {5, 4}}, {"pos_embed.weight", {4, 4}}},
                       prefixed("blocks.0.", block_shapes(4, 4, 3)),
                       prefixed("ln_final.", norm_shapes(4))})),
      gpt_case("GPTRotaryUntied",
               {.vocabulary = 5,
                .context = 4,
                .width = 4,
                .layers = 1,
                .heads = 2,
                .groups = 1,
                .hidden = 3,
                .tied = false,
                .head_bias = true,
                .positions = Positions::rotary},
               joined({{{"embed.weight", {5, 4}}},
                       prefixed("blocks.0.", block_shapes(4, 2, 3)),
                       prefixed("ln_final.", norm_shapes(4)),
                       {{"unembed.weight", {5, 4}}, {"unembed.bias", {5}}}})),
  };
}

}  // namespace rushlight::test
