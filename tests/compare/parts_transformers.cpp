#include "12_attention/attention.hpp"
#include "13_transformers/sampling.hpp"
#include "compare/parts.hpp"

namespace rushlight::compare {
namespace {

using In = const Tensors&;

template <class Model>
void set_fixed(Model& model) {
  for (auto& [name, parameter] : model.named_parameters()) parameter.set_value(fixed(name, parameter.shape()));
}

GPT tiny_gpt(Generator& random) {
  return GPT({.vocabulary = 7, .context = 5, .width = 4, .layers = 2, .heads = 2}, random);
}

void attention_pieces(Trace& t) {
  const Array q = fixed("q", {2, 4, 3, 2}), k = fixed("k", {2, 2, 5, 2}), v = fixed("v", {2, 2, 5, 2});
  const Array scores = fixed("scores", {2, 4, 3, 5});
  const Mask mask({3, 5}, {1, 1, 0, 0, 0, 1, 1, 1, 0, 1, 0, 0, 0, 0, 0});
  t.rule("12.2", "masked_softmax", [&](In in) { return masked_softmax(in[0], mask); }, {scores});
  t.rule("12.3", "attention_scores", [](In in) { return attention_scores(in[0], in[1], 0.5); }, {q, k});
  t.rule("12.3", "attention_output", [](In in) { return attention_output(in[0], in[1]); }, {scores, v});
  t.rule("12.4", "attention_pattern", [&](In in) { return attention_pattern(in[0], {.mask = mask, .causal = true}); },
         {scores});
  t.rule("12.4", "attention_pattern with a bias", [&](In in) { return attention_pattern(in[0], {.bias = in[1]}); },
         {scores, fixed("bias", {3, 5})});
  t.rule("12.5", "scaled_dot_product_attention",
         [&](In in) { return scaled_dot_product_attention(in[0], in[1], in[2], {.causal = true}); }, {q, k, v});
  t.rule("12.6", "split_heads", [](In in) { return split_heads(in[0], 2); }, {fixed("x", {2, 3, 4})});
  t.rule("12.6", "merge_heads", [](In in) { return merge_heads(in[0]); }, {q});
  t.rule("12.7", "MultiHeadAttention",
         [](In in) {
           Generator random(7);
           MultiHeadAttention attention({.width = 8, .heads = 4, .groups = 2}, random);
           set_fixed(attention);
           return attention.forward(in[0], in[1], {.scale = 0.75});
         },
         {fixed("x", {2, 3, 8}), fixed("memory", {2, 5, 8})});
  t.rule("12.7", "MultiHeadAttention of itself",
         [](In in) {
           Generator random(7);
           MultiHeadAttention attention({.width = 8, .heads = 4}, random);
           set_fixed(attention);
           return attention.forward(in[0], {.causal = true});
         },
         {fixed("x", {2, 3, 8})});
}

void hooks(Trace& t) {
  t.part("13.1", "a hook sees its own gradient", [] {
    HookPoint point;
    ActivationCache seen;
    const HookPointHandle handle = point.add_gradient_hook(make_grad_capture_hook(seen, "g"));
    const Tensor inner = Tensor(fixed("x", {3}), true) * Tensor(2);  // the hook is one of two readers
    sum(point(inner) * Tensor(fixed("c", {3})) + inner).backward();
    return seen.at("g");
  });
  t.part("13.1", "a hook replaces", [] {
    HookPoint point;
    const HookPointHandle first = point.add_hook([](const Tensor& x, HookPlace&) { return x * Tensor(3); });
    const HookPointHandle second =
        point.add_hook([](const Tensor& x, HookPlace&) { return x + Tensor(1); }, {.prepend = true});
    return point(Tensor(fixed("x", {3}))).value();
  });
  t.text("13.2", "names of hook points", [] {
    Generator random(7);
    GPT gpt = tiny_gpt(random);
    std::string text;
    for (const auto& [name, point] : hook_points(gpt)) text += name + "\n";
    return text;
  });
}

void blocks(Trace& t) {
  const Array x = fixed("x", {2, 3, 4});
  t.rule("13.4", "FeedForward",
         [](In in) {
           Generator random(7);
           FeedForward layer({.width = 4}, random);
           set_fixed(layer);
           return layer(in[0]);
         },
         {x});
  t.rule("13.4", "HookedLayerNorm",
         [](In in) {
           HookedLayerNorm norm({.width = 4});
           set_fixed(norm);
           return norm(in[0]);
         },
         {x});
  for (const bool rotary : {false, true}) {
    t.rule("13.5", rotary ? "HookedAttention, rotary" : "HookedAttention",
           [&](In in) {
             Generator random(7);
             HookedAttention attention({.width = 4, .heads = 2, .groups = 1, .rotary = rotary}, random);
             set_fixed(attention);
             return attention.forward(in[0], in[0], in[0], {.causal = true, .scale = 0.75});
           },
           {x});
  }
  t.rule("13.6", "TransformerBlock",
         [](In in) {
           Generator random(7);
           TransformerBlock block({.width = 4, .heads = 2, .dropout = 0.25}, random);
           set_fixed(block);
           return block.forward(in[0], {.causal = true});
         },
         {x});
  t.text("13.6", "names of a block", [] {
    Generator random(7);
    TransformerBlock block({.width = 4, .heads = 2}, random);
    std::string text;
    for (const auto& [name, parameter] : block.named_parameters()) text += name + " " + parameter.shape().str() + "\n";
    return text;
  });
  t.rule("13.6", "DecoderLayer",
         [](In in) {
           Generator random(7);
           DecoderLayer layer({.width = 4, .heads = 2}, random);
           set_fixed(layer);
           return layer.forward(in[0], in[1], {.causal = true}, {.scale = 0.75});
         },
         {x, fixed("memory", {2, 5, 4})});
  t.rule("13.6", "Encoder",
         [](In in) {
           Generator random(7);
           Encoder encoder({.block = {.width = 4, .heads = 2}, .layers = 2}, random);
           set_fixed(encoder);
           return encoder.forward(in[0], {.mask = Mask({3}, {1, 1, 0})});
         },
         {x});
  t.part("13.7", "GPT as it begins", [] {
    Generator random(7);
    GPT gpt = tiny_gpt(random);
    std::vector<double> begins;
    for (auto& [name, parameter] : gpt.named_parameters()) {
      begins.insert(begins.end(), parameter.value().data().begin(), parameter.value().data().end());
    }
    return numbers(begins);
  });
}

// Of a whole model, so after what it is made of.
void caches(Trace& t) {
  t.part("13.3", "run_with_cache", [] {
    Generator random(7);
    GPT gpt = tiny_gpt(random);
    set_fixed(gpt);
    const auto run = [&] { return sum(slice(gpt(Indices({1, 3}, {1, 5, 2})), 1, {.start = 2})); };
    const CachedRun seen = run_with_cache(gpt, run, {.names = "blocks.1.attn.hook_z", .incl_bwd = true});
    return numbers(std::vector<double>{static_cast<double>(seen.cache.size()), static_cast<double>(hook_count(gpt))});
  });
}

void writing(Trace& t) {
  const Array logits({5}, {1, 3, 2, 3, -1});
  t.part("13.8", "sampling_probabilities",
         [&] { return sampling_probabilities(logits, {.temperature = 0.5, .top_k = 3, .top_p = 0.75}); });
  t.part("13.8", "sampling_probabilities, bold", [&] { return sampling_probabilities(logits, {.temperature = 0}); });
  t.part("13.8", "sample", [] {
    Generator random(5);
    std::vector<double> drawn;
    for (int i = 0; i < 12; ++i) drawn.push_back(sample(Array({4}, {0, 0.5, 0.25, 0.25}), random));
    return numbers(drawn);
  });
  t.part("13.9", "generate", [] {
    Generator random(7);
    GPT gpt = tiny_gpt(random);
    set_fixed(gpt);
    const std::vector<std::int32_t> text = generate(gpt, {1, 2}, random, {.tokens = 8});
    return numbers(std::vector<double>(text.begin(), text.end()));
  });
}

}  // namespace

void attention_parts(Trace& t) {
  t.section("12 attention");
  t.part("12.1", "causal_mask", [] { return numbers(causal_mask(3, 5)); });
  t.part("12.1", "padding_mask", [] { return numbers(padding_mask(Indices({2}, {1, 3}), 4)); });
  t.part("12.1", "mask_and", [] { return numbers(mask_and(causal_mask(3, 3), Mask({3}, {0, 1, 1}))); });
  attention_pieces(t);
}

void transformer_parts(Trace& t) {
  t.section("13 transformers");
  hooks(t);
  blocks(t);
  caches(t);
  writing(t);
}

}  // namespace rushlight::compare
