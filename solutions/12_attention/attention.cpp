// attention.cpp: softmax(q·kᵀ/√K)·v, in one piece where a faster kernel is installed, composed where not.
#include <cmath>

#include "01_tensor/todo.hpp"
#include "12_attention/attention.hpp"

namespace rushlight {
namespace {

void check_attention(const Tensor& q, const Tensor& k, const Tensor& v, const AttentionOptions& options) {
  const bool ranks = q.rank() == 4 && k.rank() == 4 && v.rank() == 4;
  const bool fits = ranks && q.dim(0) == k.dim(0) && k.dim(0) == v.dim(0) && k.dim(1) == v.dim(1) &&
                    k.dim(2) == v.dim(2) && q.dim(3) == k.dim(3) && k.dim(1) > 0 && q.dim(1) % k.dim(1) == 0;
  if (!fits) {
    throw ShapeError(
        "attention: q {}, k {} and v {} do not fit: needs (B, H, T, K), (B, G, S, K) and "
        "(B, G, S, V) with H a multiple of G.",
        {q.shape(), k.shape(), v.shape()});
  }
  check_attention_options({q.dim(0), q.dim(1), q.dim(2), k.dim(2)}, options);
}

// solution helper
// Nobody wants to see the scores or the pattern, or to change them on their way.
bool may_fuse(const AttentionOptions& options) {
  return !options.on_scores && !options.on_pattern && !options.bias.defined() && options.dropout == 0;
}

Tensor fused(const Tensor& q, const Tensor& k, const Tensor& v, const AttentionCall& call) {
  const AttentionKernel kernel = attention_slot.get(q.value().device(), {});
  const AttentionForward result = kernel.forward(q.value(), k.value(), v.value(), call);
  return record("attention", result.out, {q, k, v}, Save::all,
                [backward = kernel.backward, call, statistics = result.statistics](const Backward& bw) -> Arrays {
                  return backward(bw.grad, bw.in(0), bw.in(1), bw.in(2), bw.out, statistics, call);
                });
}
// end solution

}  // namespace

// 12.5 scaled_dot_product_attention  q (B, H, T, K), k (B, G, S, K), v (B, G, S, V) -> (B, H, T, V)
//   pattern = softmax(q·kᵀ·scale + bias) over the keys that may be seen;  out = pattern·v;  scale 0 means 1/√K
// Hint: check_attention, then the functions of 12.3 and 12.4 one after the other. Where
// attention_slot.installed(device) and options has no hook, bias or dropout: call the kernel instead, and
// record("attention", ...) with its backward, which the rule keeps: the slot may hold another by then.
Tensor scaled_dot_product_attention(const Tensor& q, const Tensor& k, const Tensor& v,
                                    const AttentionOptions& options) {
  check_attention(q, k, v, options);
  const double scale = options.scale != 0 ? options.scale : 1 / std::sqrt(static_cast<double>(q.dim(3)));
  if (attention_slot.installed(q.value().device()) && may_fuse(options)) {
    return fused(q, k, v, {options.mask, options.causal, static_cast<Real>(scale)});
  }
  return attention_output(attention_pattern(attention_scores(q, k, scale), options), v);
}

}  // namespace rushlight
