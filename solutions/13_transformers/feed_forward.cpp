// feed_forward.cpp: layer norm with windows in it, and the layer that works on each token alone.
#include "01_tensor/todo.hpp"
#include "02_activations/activations.hpp"
#include "13_transformers/blocks.hpp"

namespace rushlight {

namespace {

LayerNormOptions over_width(const HookedNormOptions& options) {
  if (options.width < 1) throw ValueError("LayerNorm: width {} must be at least 1.", {options.width});
  return {.shape = {options.width}, .eps = options.eps};
}

}  // namespace

HookedLayerNorm::HookedLayerNorm(HookedNormOptions options) : LayerNorm(over_width(options)) {}

// 13.4 HookedLayerNorm::forward  x (..., D) -> same shape
//   scale = √(mean((x - mean)²) + eps),  normalized = (x - mean)/scale,  y = normalized·weight + bias
// Without a hook at hook_scale or hook_normalized: LayerNorm::forward of module 03. With one: the formula, in Tensor
// ops, through both hook points; a row of equal numbers is exactly 0 here, too.
// Hint: mean(x, {-1}, true) keeps the axis, so that it broadcasts. Take the mean off twice: the first one was rounded. The
// fast path asks has_hooks() twice.
Tensor HookedLayerNorm::forward(const Tensor& x) {
  if (!hook_scale.has_hooks() && !hook_normalized.has_hooks()) {
    return LayerNorm::forward(x);
  }
  const Tensor nearly = x - mean(x, {-1}, true);
  const Tensor centred = nearly - mean(nearly, {-1}, true);
  const Tensor variance = mean(centred * centred, {-1}, true);
  const Tensor scale = hook_scale(sqrt(variance + Tensor(static_cast<Real>(options().eps))));
  const Tensor normalized = hook_normalized(centred / scale);
  return normalized * weight + bias;
}

void HookedLayerNorm::members(Members& m) {
  LayerNorm::members(m);
  m("hook_scale", hook_scale);
  m("hook_normalized", hook_normalized);
}

namespace {

std::int64_t hidden_of(const FeedForwardOptions& options) {
  return options.hidden == 0 ? 4 * options.width : options.hidden;
}

}  // namespace

FeedForward::FeedForward(FeedForwardOptions options, Generator& generator)
    : fc1({.in = options.width, .out = hidden_of(options)}, generator),
      fc2({.in = hidden_of(options), .out = options.width}, generator) {}

// 13.4 FeedForward::forward  x (..., D) -> same shape;  fc2(hook_post(gelu(hook_pre(fc1(x)))))
// Layers are called with (), never with forward(): a smaller one may stand in (module 16).
// Hint: GPT-2's GELU is the approximation with tanh.
Tensor FeedForward::forward(const Tensor& x) {
  const Tensor pre = hook_pre(fc1(x));
  return fc2(hook_post(gelu(pre, GeluApproximation::tanh)));
}

void FeedForward::members(Members& m) {
  m("fc1", fc1);
  m("hook_pre", hook_pre);
  m("hook_post", hook_post);
  m("fc2", fc2);
}

}  // namespace rushlight
