// apply_mask.cpp: from scores to the pattern: who looks at whom, and how much. Here masks, causal or given, are applied.
// T queries, S keys.
#include "01_tensor/todo.hpp"
#include "02_activations/activations.hpp"
#include "03_layers/dropout.hpp"
#include "12_attention/attention.hpp"

namespace rushlight {
namespace {

void check_broadcasts(const char* what, const Shape& shape, const Shape& scores) {
  if (broadcasts_to(shape, scores)) return;
  throw ShapeError("attention: the {} {} does not broadcast to the scores {}.", {what, shape, scores});
}

// What a hook returned in place of `seen`. An empty hook returns what it is given.
Tensor observed(const char* hook, const Observe& observe, const Tensor& seen) {
  if (!observe) return seen;
  const Tensor returned = observe(seen);
  if (returned.defined() && returned.shape() == seen.shape()) return returned;
  throw ShapeError("attention: {} returned {}, but it saw {}: it must return a tensor of that shape.",
                   {hook, returned.defined() ? returned.shape().str() : "nothing", seen.shape()});
}

// solution helper
// Everything that may be seen, as one mask beside the scores; undefined when that is everything.
Mask visible(const AttentionOptions& options, const Tensor& scores) {
  if (!options.causal) return options.mask.to(scores.device());
  const Mask triangle = causal_mask(scores.dim(-2), scores.dim(-1));
  return (options.mask.defined() ? mask_and(options.mask, triangle) : triangle).to(scores.device());
}

Tensor hide(const Tensor& scores, const Mask& mask) {
  return mask.defined() ? where(mask, scores, Tensor(hidden)) : scores;
}

// A bias or a hook may bring -inf of its own, and a row that is -inf from end to end must give zeros as well.
Tensor softmax_of(const Tensor& scores, const Mask& mask, bool may_hold_infinities) {
  if (mask.defined()) return masked_softmax(scores, mask);
  return may_hold_infinities ? masked_softmax(scores, Mask(Shape{1}, {1}).to(scores.device())) : softmax(scores, -1);
}
// end solution

}  // namespace

void check_attention_options(const Shape& scores, const AttentionOptions& options) {
  if (scores.rank() != 4) throw ShapeError("attention: the scores {} must be (B, H, T, S).", {scores});
  if (options.mask.defined()) check_broadcasts("mask", options.mask.shape(), scores);
  if (options.bias.defined()) check_broadcasts("bias", options.bias.shape(), scores);
  if (!(options.dropout >= 0 && options.dropout < 1)) {  // written so that NaN fails too
    throw ValueError("attention: dropout is {}, but it must be at least 0 and below 1.", {options.dropout});
  }
  if (options.dropout > 0 && options.generator == nullptr) {
    throw ValueError("attention: dropout {} needs a generator, and there is none.", {options.dropout});
  }
}

// 12.4 attention_pattern  scores (B, H, T, S), already scaled -> same shape;  softmax over the keys that may be seen
// In this order: + options.bias, mask and causal_mask, on_scores (which sees -inf where it is masked), softmax, dropout
// on the pattern, on_pattern. What a hook returns takes the place of what it saw.
// Hint: check_attention_options first; observed("on_scores", ...) calls a hook. Softmax must be the masked one whenever
// the scores may hold a -inf, from a mask, a bias or a hook. dropout_mask and apply_mask are in 03_layers/dropout.hpp.
Tensor attention_pattern(const Tensor& scores, const AttentionOptions& options) {
  check_attention_options(scores.shape(), options);
  const Tensor biased = options.bias.defined() ? scores + options.bias : scores;
  const Mask mask = visible(options, scores);
  const Tensor seen = options.on_scores ? observed("on_scores", options.on_scores, hide(biased, mask)) : biased;
  Tensor pattern = softmax_of(seen, mask, options.bias.defined() || options.on_scores);
  if (options.dropout > 0) {
    pattern = apply_mask(pattern, dropout_mask(pattern.shape(), options.dropout, *options.generator));
  }
  return observed("on_pattern", options.on_pattern, pattern);
}

}  // namespace rushlight
