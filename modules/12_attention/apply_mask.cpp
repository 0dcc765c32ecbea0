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
  todo("12.4");
}

}  // namespace rushlight
