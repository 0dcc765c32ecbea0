// hook_run.cpp: what happens when a tensor passes a hook point, on its way forwards and on its gradient's way back.
#include <algorithm>
#include <utility>

#include "01_tensor/todo.hpp"
#include "13_transformers/hooks.hpp"

namespace rushlight {
namespace {  // solution

// The hooks of one direction that were there when `newest` was the last id, in the order in which they run. Ids, not
// pointers: a hook may remove itself or its neighbours, or add new ones, while the list is walked.
std::vector<std::uint64_t> ids_of(const HookList& list, HookDirection direction, std::uint64_t newest) {
  std::vector<std::uint64_t> ids;
  for (const HookList::Entry& entry : list.entries) {
    if (entry.id <= newest && entry.is_of(direction)) ids.push_back(entry.id);
  }
  return ids;
}

// A copy, since a hook may remove itself while it runs. Both functions are empty when the hook is gone.
HookList::Entry find_entry(const HookList& list, std::uint64_t id) {
  const auto found = std::find_if(list.entries.begin(), list.entries.end(), [id](const auto& e) { return e.id == id; });
  return found == list.entries.end() ? HookList::Entry{} : *found;
}

Array run_gradient_hooks(HookList& list, std::uint64_t newest, Array gradient) {
  for (const std::uint64_t id : ids_of(list, HookDirection::backward, newest)) {
    const GradientHook hook = find_entry(list, id).backward;
    if (!hook) continue;  // an earlier hook removed it
    Array replacement = hook(gradient, list.place);
    if (!replacement.defined()) continue;
    check_hook_kept_shape(list.place, "a gradient", gradient.shape(), replacement.shape());
    gradient = std::move(replacement);
  }
  return gradient;
}

}  // namespace

// 13.1 HookPoint::run_hooks  x (any shape) -> same shape
// Forward: each hook in order, on what the one before left; an undefined Tensor means "as it was". Then, if there are
// backward hooks and the result requires a gradient: record("hook", ...), an op with the same value, whose rule runs
// the backward hooks in order on bw.grad. check_hook_kept_shape (given) after every replacement, in both directions.
// Only the hooks count that were there when x arrived and are still there when their turn comes, backward ones in the
// backward pass: what a hook adds meanwhile waits for the next forward pass.
// Look out for: a hook may remove itself or others while you walk through the list (as in module 05); the model may be
// gone when the rule runs, so capture a weak pointer to the list, never `this`.
// Hint: ids count upwards, so "was there when x arrived" means id <= list_->last_id of that moment.
Tensor HookPoint::run_hooks(const Tensor& x) {
  const std::shared_ptr<HookList> list = list_;
  const std::uint64_t newest = list->last_id;
  Tensor seen = x;
  for (const std::uint64_t id : ids_of(*list, HookDirection::forward, newest)) {
    const ForwardHook hook = find_entry(*list, id).forward;
    if (!hook) continue;  // an earlier hook removed it
    const Tensor replacement = hook(seen, list->place);
    if (!replacement.defined()) continue;
    check_hook_kept_shape(list->place, "a value", seen.shape(), replacement.shape());
    seen = replacement;
  }
  if (!has_hooks(HookDirection::backward) || !seen.requires_grad()) return seen;
  // An op of its own: a hook on the node of `seen` would also see the gradient from those who read it elsewhere.
  return record("hook", seen.value(), {seen}, Save::nothing,
                [newest, weak = std::weak_ptr<HookList>(list)](const Backward& bw) -> Arrays {
                  const std::shared_ptr<HookList> still_there = weak.lock();
                  return {still_there ? run_gradient_hooks(*still_there, newest, bw.grad) : bw.grad};
                });
}

}  // namespace rushlight
