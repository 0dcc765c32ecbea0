// attention.hpp: every position looks at others and takes from each as much as it fits. Scaled dot-product attention
// and multi-head attention (Vaswani et al., 2017), grouped queries (Ainslie et al., 2023), as in PyTorch.
//
// THE MASK CONVENTION, once for all of Rushlight: true = may attend, as in torch's scaled_dot_product_attention.
// (torch.nn.MultiheadAttention's key_padding_mask has it the other way round. Here nothing has.)
//
// Letters: B batch, H heads, G key/value heads (H is a multiple of G), T queries, S keys, K width of a head, V of a
// value, D = H·K the model's width.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>

#include "01_tensor/kernel_slot.hpp"
#include "01_tensor/random.hpp"
#include "03_layers/linear.hpp"

namespace rushlight {

// --- 12.1 masks (masks.cpp) --------------------------------------------------------------------------------------

// (T, S), true on and below the diagonal that ends in the last corner: query t sees key s when s <= t + (S - T). With
// T = S that is the usual triangle; with S > T the first S - T keys are older than the first query (a cache); with
// S < T the first T - S queries see nothing. PyTorch's is_causal puts the diagonal in the first corner instead when T
// and S differ. Throws ShapeError when a size is negative.
Mask causal_mask(std::int64_t queries, std::int64_t keys);

// lengths (B) -> (B, 1, 1, S), true where s < lengths[b]. Throws ShapeError unless lengths has rank 1 and S is not
// negative, ValueError that names a length outside 0..S.
Mask padding_mask(const Indices& lengths, std::int64_t keys);

// True where both are; shapes broadcast.
Mask mask_and(const Mask& a, const Mask& b);

// The score of a place that may not be seen: exp makes 0 of it.
inline constexpr Real hidden = -std::numeric_limits<Real>::infinity();

// --- 12.2 softmax over what may be seen (masked_softmax.cpp) -----------------------------------------------------

// scores (..., S), mask that broadcasts to it -> same shape; softmax over the last axis with the places that are false
// left out: exactly 0 there, and no gradient, whatever the score was (NaN, too), while the gradient that arrives is
// finite. A row without a single true gives zeros and zero gradients, never NaN (torch.softmax gives NaN; torch's
// attention gives zeros, from 2.5 on). A score of -inf counts as masked; one of +inf or NaN that may be seen makes its
// row NaN, as torch.softmax does. One op, "masked_softmax".
// Throws ShapeError when the mask does not broadcast to exactly the scores' shape.
Tensor masked_softmax(const Tensor& scores, const Mask& mask);

// What masked_softmax() calls once it has checked the shapes: the value, and dL/dscores from dL/dpattern and the pattern.
Array masked_softmax_forward(const Array& scores, const Mask& mask);
Array masked_softmax_backward(const Array& grad, const Array& pattern);

// --- 12.3 the two products (products.cpp) ------------------------------------------------------------------------

// Query head h reads key/value head h / (H/G): the heads of a group are neighbours, as in Llama and in PyTorch's
// enable_gqa. With G = H every head has its own. k and v are read where they lie: nothing is repeated or transposed.
// Both throw ShapeError that names the two shapes and the rule.

// q (B, H, T, K), k (B, G, S, K) -> (B, H, T, S);  scale · q·kᵀ. A scale of 0 is 0: only AttentionOptions has a default.
Tensor attention_scores(const Tensor& q, const Tensor& k, double scale);

// pattern (B, H, T, S), v (B, G, S, V) -> (B, H, T, V);  pattern·v
Tensor attention_output(const Tensor& pattern, const Tensor& v);

// --- 12.4 from scores to a pattern (apply_mask.cpp) --------------------------------------------------------------

using Observe = std::function<Tensor(const Tensor&)>;  // sees a tensor on its way; returns it, or one of its shape

struct AttentionOptions {
  Mask mask = {};                  // true = may attend; broadcasts to (B, H, T, S); undefined: everything
  Tensor bias = {};                // added to the scores, an additive mask; broadcasts to (B, H, T, S); empty: nothing
  bool causal = false;             // as if mask were also causal_mask(T, S)
  double scale = 0;                // 0: 1/√K
  double dropout = 0;              // on the pattern; 0 <= p < 1
  Generator* generator = nullptr;  // for dropout
  Observe on_scores = {};          // after scale, bias and mask: what is masked is -inf, and stays masked afterwards
  Observe on_pattern = {};         // after softmax and dropout
};

// scores (B, H, T, S), already scaled -> the pattern of the same shape, every row of which adds up to 1 (before
// dropout), or to 0 where a query sees nothing. In this order: bias, mask, on_scores, softmax, dropout, on_pattern.
// A row of scores that come as -inf from end to end sees nothing, too, where there is a mask, causal, a bias or
// on_scores; with none of them a plain softmax will do, which makes it NaN.
// Throws ShapeError when mask or bias do not broadcast to the scores or a hook returns another shape, ValueError unless
// 0 <= dropout < 1 and a generator is there when it is needed.
Tensor attention_pattern(const Tensor& scores, const AttentionOptions& options = {});

// What attention_pattern asks of its options. Given.
void check_attention_options(const Shape& scores, const AttentionOptions& options);

// --- 12.5 scaled dot-product attention (attention.cpp) -----------------------------------------------------------

// q (B, H, T, K), k (B, G, S, K), v (B, G, S, V) -> (B, H, T, V):
//   pattern = softmax(q·kᵀ·scale + bias, over the keys that may be seen),  out = pattern·v
// A key that is hidden may have any score, but its value and what arrives for the output must be finite, here and in a
// faster kernel: 0 times NaN is NaN, as in PyTorch.
// Throws ShapeError that names the three shapes and the rule, and what attention_pattern throws. Where attention_slot
// holds a faster kernel, that is called and recorded as one op, "attention"; but bias, dropout, on_scores and
// on_pattern force the composed path, which is made of the functions above.
Tensor scaled_dot_product_attention(const Tensor& q, const Tensor& k, const Tensor& v,
                                    const AttentionOptions& options = {});

// A faster kernel computes the same without storing (T, S). `statistics` is whatever its backward wants to keep.
struct AttentionCall {
  Mask mask = {};       // undefined: everything
  bool causal = false;  // and causal_mask(T, S)
  Real scale = 1;
};
struct AttentionForward {
  Array out;
  Array statistics;
};
struct AttentionKernel {
  AttentionForward (*forward)(const Array& q, const Array& k, const Array& v, const AttentionCall& call) = nullptr;
  // dL/dq, dL/dk, dL/dv
  Arrays (*backward)(const Array& grad, const Array& q, const Array& k, const Array& v, const Array& out,
                     const Array& statistics, const AttentionCall& call) = nullptr;
};
inline KernelSlot<AttentionKernel> attention_slot;

// --- 12.6 heads (heads.cpp) --------------------------------------------------------------------------------------

// Both throw ShapeError that names the shape and the rule.
Tensor split_heads(const Tensor& x, std::int64_t heads);  // (B, T, H·K) -> (B, H, T, K)
Tensor merge_heads(const Tensor& x);                      // (B, H, T, K) -> (B, T, H·K)

// --- 12.7 multi-head attention (multi_head.cpp) ------------------------------------------------------------------

struct MultiHeadOptions {
  std::int64_t width = 0;   // D, a multiple of heads
  std::int64_t heads = 0;   // H
  std::int64_t groups = 0;  // G, divides H; 0: as many as heads
  bool bias = true;
  double dropout = 0;  // on the pattern, in training; 0 <= p < 1
};

// Parameters: q, k, v, out, each a Linear ("q.weight", "q.bias", ...); k and v have G·K outputs. Without rotary
// positions the true gradient of k.bias is zero: softmax does not see a number that is added to all scores of a query.
// Throws ValueError that names the option. Differences from torch.nn.MultiheadAttention: the batch comes first, the
// four layers start as Linear does (not Xavier), the mask convention above, and the pattern is not returned: on_pattern
// sees it.
class MultiHeadAttention : public Module {
 public:
  MultiHeadAttention(MultiHeadOptions options, Generator& generator);

  // Self-attention, x (B, T, D) -> (B, T, D).
  Tensor forward(const Tensor& x) override { return forward(x, AttentionOptions{}); }
  Tensor forward(const Tensor& x, const AttentionOptions& options);
  // Cross-attention: queries from x (B, T, D), keys and values from context (B, S, D). The others call it, with x as the
  // context, so that whoever overrides it has changed all three.
  virtual Tensor forward(const Tensor& x, const Tensor& context, const AttentionOptions& options);
  // In all three, options.dropout and .generator are the layer's own: those that you pass are not looked at. In
  // evaluation there is no dropout.

  Tensor operator()(const Tensor& x, const AttentionOptions& options = {}) { return forward(x, options); }
  void members(Members& m) override;
  std::int64_t heads() const { return options_.heads; }
  std::int64_t groups() const { return options_.groups; }  // never 0

  // For whoever has cut heads out of q, k, v and out (module 17): so many are left. Given.
  void set_heads(std::int64_t heads, std::int64_t groups) {
    options_.heads = heads;
    options_.groups = groups;
  }

  Linear q, k, v, out;

 protected:
  AttentionOptions with_own_dropout(const AttentionOptions& options);

 private:
  MultiHeadOptions options_;
  Generator dropout_generator_;
};

}  // namespace rushlight
