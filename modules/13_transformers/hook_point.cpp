// hook_point.cpp: one place at which a model lets you listen, or speak.
#include <algorithm>
#include <charconv>
#include <utility>

#include "01_tensor/todo.hpp"
#include "13_transformers/hooks.hpp"

namespace rushlight {
namespace {

bool is_of(const HookList::Entry& entry, HookDirection direction) {
  switch (direction) {
    case HookDirection::forward:
      return static_cast<bool>(entry.forward);
    case HookDirection::backward:
      return static_cast<bool>(entry.backward);
    case HookDirection::both:
      return true;
  }
  throw ValueError("HookPoint: {} is no direction: use forward, backward or both.", {static_cast<int>(direction)});
}

void check_same_shape(const HookPlace& place, const char* what, const Shape& seen, const Shape& returned) {
  if (seen == returned) return;
  throw ShapeError("hook at {}: it returned {} of shape {}, but it saw shape {}.", {place.name, what, returned, seen});
}

}  // namespace

// 13.1 HookPlace::layer  "blocks.3.attn.hook_q" -> 3
// ValueError, with the name, unless it starts with "blocks.", a number and a dot.
// Hint: std::from_chars reads digits and says where they end.
std::int64_t HookPlace::layer() const {
  todo("13.1");
}

// 13.1 HookPoint::add_hook, add_gradient_hook  -> a handle that removes the hook; ValueError for an empty function
// A new entry in list_->entries, with the next id (++list_->last_id): at the end, or in front with options.prepend.
// Hint: an entry holds both kinds of function, one of them empty. HookPointHandle(list_, id): the pointer becomes weak.
HookPointHandle HookPoint::add_hook(ForwardHook hook, HookOptions options) {
  todo("13.1");
}
HookPointHandle HookPoint::add_gradient_hook(GradientHook hook, HookOptions options) {
  todo("13.1");
}

// 13.1 HookPoint::hook_count  -> how many hooks of the direction there are
// Hint: is_of, above, also checks the direction. An empty list does not excuse a direction that is none.
std::int64_t HookPoint::hook_count(HookDirection direction) const {
  todo("13.1");
}

// 13.1 HookPoint::remove_hooks  removes the hooks of which.direction and, if which.level is set, of that level; the
// permanent ones among them only with which.including_permanent.
// Hint: std::erase_if.
void HookPoint::remove_hooks(const HookSelection& which) {
  todo("13.1");
}

// 13.1 HookPoint::run_hooks  x (any shape) -> same shape
// Forward: each hook in order, on what the one before left; an undefined Tensor means "as it was". Then, if there are
// backward hooks and the result requires a gradient: record("hook", ...), an op with the same value, whose rule runs
// the backward hooks in order on bw.grad. check_same_shape, above, after every replacement, in both directions.
// Only the backward hooks count that were there during this forward pass and are still there in the backward pass.
// Look out for: a hook may remove itself or others while you walk through the list (as in module 05); the model may be
// gone when the rule runs, so capture a weak pointer to the list, never `this`.
// Hint: ids count upwards, so "was there during the forward pass" means id <= list_->last_id of that moment.
Tensor HookPoint::run_hooks(const Tensor& x) {
  todo("13.1");
}

}  // namespace rushlight
