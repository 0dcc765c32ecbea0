#include "op_cases.hpp"

#include "01_tensor/more.hpp"
#include "02_activations/activations.hpp"
#include "03_layers/layers.hpp"
#include "04_losses/losses.hpp"
#include "09_spatial/spatial.hpp"
#include "11_embeddings/embeddings.hpp"
#include "12_attention/attention.hpp"
#include "13_transformers/hooks.hpp"
#include "17_compression/compression.hpp"
#include "20_alignment/alignment.hpp"

namespace rushlight::test {
namespace {

Array positive(const Shape& shape, std::uint64_t seed) { return uniform(shape, seed, 0.5, 1.5); }

// Between -1.2 and 1.2, and no closer to 0 than 0.2.
Array off_zero(const Shape& shape, std::uint64_t seed) {
  Array values = uniform(shape, seed, -1, 1);
  for (Real& value : values.mutable_data()) value += value < 0 ? Real(-0.2) : Real(0.2);
  return values;
}

// On the same device as x: an op case runs wherever its inputs lie.
template <class Values>
Values beside(const Tensor& x, const Values& values) {
  return values.to(x.device());
}

Indices indices(const Shape& shape, const std::vector<std::int32_t>& values) { return Indices(shape, values); }

OpCase unary(const std::string& name, Tensor (*op)(const Tensor&), const Array& x) {
  return {name, {x}, [op](const Tensors& in) { return op(in[0]); }};
}

OpCase binary(const std::string& name, Tensor (*op)(const Tensor&, const Tensor&), const Array& a, const Array& b) {
  return {name, {a, b}, [op](const Tensors& in) { return op(in[0], in[1]); }};
}

std::vector<OpCase> tensor_ops() {
  const Array x = off_zero({2, 3}, 1), row = off_zero({3}, 2);
  const Array apart({3}, {Real(0.9), Real(-0.35), Real(0.1)});  // from every entry of `spread`
  const Array spread({2, 3}, {Real(0.5), Real(0.25), -1, Real(-0.75), Real(-0.6), Real(1.1)});
  return {
      binary("add", add, x, row),
      binary("sub", sub, x, row),
      binary("mul", mul, x, row),
      binary("div", div, x, row),
      unary("neg", neg, x),
      unary("exp", exp, x),
      unary("log", log, positive({2, 3}, 3)),
      unary("sqrt", sqrt, positive({2, 3}, 4)),
      unary("abs", abs, x),
      {"pow", {positive({2, 3}, 5)}, [](const Tensors& in) { return pow(in[0], Real(2.5)); }},
      binary("pow_tensor", pow, positive({2, 3}, 5), row),
      {"cumsum", {x}, [](const Tensors& in) { return cumsum(in[0], 1); }},
      binary("maximum", maximum, spread, apart),
      binary("minimum", minimum, spread, apart),
      {"where",
       {x, row},
       [](const Tensors& in) {
         return where(beside(in[0], Mask({2, 3}, std::vector<std::uint8_t>{1, 0, 1, 0, 1, 0})), in[0], in[1]);
       }},
      {"matmul", {off_zero({2, 2, 3}, 6), off_zero({3, 4}, 7)}, [](const Tensors& in) { return matmul(in[0], in[1]); }},
      {"sum", {x}, [](const Tensors& in) { return sum(in[0], {1}); }},
      {"mean", {x}, [](const Tensors& in) { return mean(in[0], {0}); }},
      {"max", {spread}, [](const Tensors& in) { return max(in[0], {1}); }},
      {"reshape",
       {x},
       [](const Tensors& in) {
         return reshape(in[0], {3, 2});
       }},
      {"permute",
       {off_zero({2, 3, 4}, 8)},
       [](const Tensors& in) {
         return permute(in[0], {2, 0, 1});
       }},
      {"transpose", {x}, [](const Tensors& in) { return transpose(in[0], 0, 1); }},
      {"broadcast_to",
       {row},
       [](const Tensors& in) {
         return broadcast_to(in[0], {2, 3});
       }},
      {"concat",
       {x, off_zero({1, 3}, 9)},
       [](const Tensors& in) {
         return concat({in[0], in[1]}, 0);
       }},
      {"slice",
       {x},
       [](const Tensors& in) {
         return slice(in[0], 1, {0, 3, 2});
       }},
      {"take",
       {off_zero({4, 2}, 10)},
       [](const Tensors& in) {
         return take(in[0], beside(in[0], indices({3}, {3, 0, 3})));
       }},
      {"gather",
       {x},
       [](const Tensors& in) {
         return gather(in[0], 1, beside(in[0], indices({2, 2}, {0, 0, 2, 1})));
       }},
  };
}

std::vector<OpCase> activation_ops() {
  const Array x({2, 3}, {Real(0.5), Real(-0.25), 1, Real(-0.75), Real(0.6), Real(-1.1)});  // relu has no 0 to fear
  return {
      unary("relu", relu, x),
      {"leaky_relu", {x}, [](const Tensors& in) { return leaky_relu(in[0]); }},
      unary("sigmoid", sigmoid, x),
      unary("tanh", tanh, x),
      {"gelu", {x}, [](const Tensors& in) { return gelu(in[0]); }},
      unary("silu", silu, x),
      {"softmax", {x}, [](const Tensors& in) { return softmax(in[0]); }},
      {"log_softmax", {x}, [](const Tensors& in) { return log_softmax(in[0]); }},
  };
}

std::vector<OpCase> layer_ops() {
  const Array x = off_zero({4, 3}, 12), weight = positive({3}, 13), bias = off_zero({3}, 14);
  return {
      {"linear",
       {x, off_zero({2, 3}, 15), off_zero({2}, 16)},
       [](const Tensors& in) { return linear(in[0], in[1], in[2]); }},
      {"dropout",
       {x},
       [](const Tensors& in) {
         Generator generator(5);  // the same mask at every call
         return apply_mask(in[0], dropout_mask(in[0].shape(), 0.4, generator));
       }},
      {"layer_norm", {x, weight, bias}, [](const Tensors& in) { return layer_norm(in[0], {3}, in[1], in[2]); }},
      {"batch_norm",
       {x, weight, bias},
       [](const Tensors& in) {
         return batch_norm(in[0], channel_statistics(in[0].value()), StatisticsFrom::batch, in[1], in[2]);
       }},
  };
}

std::vector<OpCase> loss_ops() {
  const Array x = off_zero({3, 4}, 17), target = off_zero({3, 4}, 18);
  const Array probability = uniform({3, 4}, 19, 0.2, 0.8), truth = uniform({3, 4}, 20, 0.2, 0.8);
  const Indices labels = indices({3}, {3, 0, 2});
  return {
      {"mse_loss", {x, target}, [](const Tensors& in) { return mse_loss(in[0], in[1]); }},
      {"huber_loss", {x, target}, [](const Tensors& in) { return huber_loss(in[0], in[1], {.delta = Real(0.6)}); }},
      {"bce_loss", {probability, truth}, [](const Tensors& in) { return bce_loss(in[0], in[1]); }},
      {"bce_with_logits_loss", {x, truth}, [](const Tensors& in) { return bce_with_logits_loss(in[0], in[1]); }},
      {"logsumexp", {x}, [](const Tensors& in) { return logsumexp(in[0]); }},
      {"nll_loss", {x}, [labels](const Tensors& in) { return nll_loss(in[0], beside(in[0], labels)); }},
      {"cross_entropy", {x}, [labels](const Tensors& in) { return cross_entropy(in[0], beside(in[0], labels)); }},
  };
}

std::vector<OpCase> spatial_ops() {
  const Array x = off_zero({2, 2, 4, 5}, 60);
  Array distinct({1, 2, 4, 4});  // far enough apart that a finite difference changes no winner
  for (std::int64_t i = 0; i < distinct.size(); ++i)
    distinct.mutable_data()[i] = static_cast<Real>(i * 13 % 32) / 16 - 1;
  return {
      {"conv2d",
       {x, off_zero({4, 1, 3, 2}, 61), off_zero({4}, 62)},
       [](const Tensors& in) {
         return conv2d(in[0], in[1], in[2], {.stride = {2, 1}, .padding = 1, .groups = 2});
       }},
      {"max_pool2d", {distinct}, [](const Tensors& in) { return max_pool2d(in[0], {.kernel = 3, .stride = 1}); }},
      {"avg_pool2d",
       {x},
       [](const Tensors& in) { return avg_pool2d(in[0], {.kernel = 3, .stride = 1, .padding = 1}); }},
      {"adaptive_avg_pool2d",
       {x},
       [](const Tensors& in) {
         return adaptive_avg_pool2d(in[0], {3, 2});
       }},
  };
}

std::vector<OpCase> embedding_ops() {
  return {
      {"embedding",
       {off_zero({4, 2}, 21)},
       [](const Tensors& in) {
         return embedding(in[0], beside(in[0], indices({3}, {3, 0, 3})));
       }},
      {"rotary", {off_zero({2, 3, 4}, 22)}, [](const Tensors& in) { return rotary(in[0], {.start = 1}); }},
  };
}

// What a kernel in attention_slot computes, for one key head per query head and no mask. It keeps the pattern.
AttentionForward attend(const Array& q, const Array& k, const Array& v, const AttentionCall& call) {
  const Array pattern = softmax_forward(matmul(q * call.scale, k, {.transpose_b = true}), 3);
  return {matmul(pattern, v), pattern};
}

Arrays attend_backward(const Array& grad, const Array& q, const Array& k, const Array& v, const Array&,
                       const Array& pattern, const AttentionCall& call) {
  const Array scores = softmax_backward(matmul(grad, v, {.transpose_b = true}), pattern, 3) * call.scale;
  return {matmul(scores, k), matmul(scores, q, {.transpose_a = true}), matmul(pattern, grad, {.transpose_a = true})};
}

std::vector<OpCase> attention_ops() {
  return {
      {"masked_softmax",
       {off_zero({2, 3}, 23)},
       [](const Tensors& in) {
         return masked_softmax(in[0], beside(in[0], Mask({2, 3}, std::vector<std::uint8_t>{1, 0, 1, 1, 1, 1})));
       }},
      {"attention",
       {off_zero({1, 2, 3, 2}, 24), off_zero({1, 2, 3, 2}, 25), off_zero({1, 2, 3, 2}, 26)},
       [](const Tensors& in) {
         attention_slot.install(in[0].device(), {attend, attend_backward});
         const Tensor out = scaled_dot_product_attention(in[0], in[1], in[2]);
         attention_slot.remove(in[0].device());
         return out;
       }},
  };
}

std::vector<OpCase> hook_ops() {
  return {
      {"hook",
       {off_zero({2, 3}, 27)},
       [](const Tensors& in) {
         static HookPoint point;  // the rule looks for it when the gradient comes
         static const HookPointHandle watching =
             point.add_gradient_hook([](const Array&, HookPlace&) { return Array(); });
         return point(in[0]);
       }},
  };
}

// Not ops of their own, but what is made of many of them: a cut anywhere inside shows here.
std::vector<OpCase> distillation_losses() {
  const Array student = off_zero({2, 3, 4}, 30), teacher = off_zero({2, 3, 4}, 31);
  const Mask mask({2, 3}, std::vector<std::uint8_t>{1, 1, 0, 1, 0, 1});
  const auto loss = [&](const std::string& name, const std::function<Tensor(const Tensor&, const Tensor&)>& f) {
    return OpCase{name, {student}, [f, teacher](const Tensors& in) { return f(in[0], beside(in[0], teacher)); }};
  };
  return {
      loss("jsd", [mask](const Tensor& s, const Tensor& t) { return generalized_jsd_loss(s, t, mask); }),
      loss("forward_kl",
           [](const Tensor& s, const Tensor& t) {
             return generalized_jsd_loss(s, t, {}, {.beta = 0, .temperature = 2, .top_k = 3});
           }),
      loss("taid", [mask](const Tensor& s, const Tensor& t) { return taid_loss(s, t, 1, mask); }),
      loss("entropy_opd", [mask](const Tensor& s, const Tensor& t) { return entropy_aware_opd_loss(s, t, mask); }),
      loss("entropy_gate",
           [](const Tensor& s, const Tensor& t) {
             return entropy_aware_opd_loss(s, t, {}, {.mode = EntropyMode::gate, .tau = 1, .top_k = 2});
           }),
      loss("soft_targets", [](const Tensor& s, const Tensor& t) { return soft_target_loss(s, t, 2); }),
      loss("distil",
           [](const Tensor& s, const Tensor& t) {
             return distill_loss(s, t, beside(s, indices({2, 3}, {0, 3, 1, 2, 2, 0})));
           }),
      loss("hidden_match", [](const Tensor& s, const Tensor& t) { return hidden_match_loss(s, t); }),
      {"from_codebook",
       {off_zero({3}, 46)},
       [](const Tensors& in) {
         return from_codebook(in[0], beside(in[0], indices({2, 2}, {2, 0, 2, 1})));
       }},
  };
}

std::vector<OpCase> alignment_losses() {
  const Indices ids = indices({2, 3}, {0, 3, 1, 2, 2, 0});
  const Mask mask({2, 3}, std::vector<std::uint8_t>{0, 1, 1, 0, 1, 0});
  const Array pairs = off_zero({3}, 32), others = off_zero({3}, 33), lengths({3}, {2, 1, 4});
  const Array drawn({2, 2}, {-1, -2, Real(-1.5), 0}), now({2, 2}, {Real(-1.1), Real(-1.9), Real(-1.4), 0});
  return {
      {"lm_ce",
       {off_zero({2, 3, 4}, 34)},
       [=](const Tensors& in) { return lm_ce_loss(in[0], beside(in[0], ids), mask); }},
      {"sequence_logprobs",
       {off_zero({2, 3, 4}, 35)},
       [=](const Tensors& in) { return sequence_logprobs(in[0], beside(in[0], ids), mask); }},
      {"dpo",
       {pairs, others},
       [=](const Tensors& in) { return dpo_loss(in[0], in[1], beside(in[0], others), beside(in[0], pairs)).loss; }},
      {"simpo",
       {pairs, others},
       [=](const Tensors& in) {
         return simpo_loss(in[0], in[1], beside(in[0], lengths), beside(in[0], lengths)).loss;
       }},
      {"grpo",
       {now},
       [=](const Tensors& in) {
         const Rollout rollout{ids, mask, beside(in[0], drawn)};
         return grpo_loss(in[0], rollout, beside(in[0], Array({2}, {1, -2})), {.kl_weight = 0.5}, beside(in[0], drawn))
             .loss;
       }},
  };
}

std::vector<OpCase> all_ops() {
  std::vector<OpCase> all;
  for (const auto& part : {tensor_ops(), activation_ops(), layer_ops(), loss_ops(), spatial_ops(), embedding_ops(),
                           attention_ops(), hook_ops(), distillation_losses(), alignment_losses()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

}  // namespace

const std::vector<OpCase>& op_cases() {
  static const std::vector<OpCase> all = all_ops();
  return all;
}

std::vector<const Node*> nodes_of(const Tensor& y) {
  std::vector<const Node*> found, stack{y.node().get()};
  std::set<const Node*> seen{nullptr};
  while (!stack.empty()) {
    const Node* node = stack.back();
    stack.pop_back();
    if (!seen.insert(node).second) continue;
    found.push_back(node);
    for (const Node::Input& input : node->inputs) stack.push_back(input.node.get());
  }
  return found;
}

}  // namespace rushlight::test
