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

// solution helper
HookPointHandle insert(const std::shared_ptr<HookList>& list, HookList::Entry entry) {
  entry.id = ++list->last_id;
  const std::uint64_t id = entry.id;
  list->entries.insert(entry.options.prepend ? list->entries.begin() : list->entries.end(), std::move(entry));
  return HookPointHandle(list, id);
}

// The hooks of one direction that were there when `newest` was the last id, in the order in which they run. Ids, not
// pointers: a hook may remove itself or its neighbours, or add new ones, while the list is walked.
std::vector<std::uint64_t> ids_of(const HookList& list, HookDirection direction, std::uint64_t newest) {
  std::vector<std::uint64_t> ids;
  for (const HookList::Entry& entry : list.entries) {
    if (entry.id <= newest && is_of(entry, direction)) ids.push_back(entry.id);
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
    check_same_shape(list.place, "a gradient", gradient.shape(), replacement.shape());
    gradient = std::move(replacement);
  }
  return gradient;
}
// end solution

}  // namespace

// 13.1 HookPlace::layer  "blocks.3.attn.hook_q" -> 3
// ValueError, with the name, unless it starts with "blocks.", a number and a dot.
// Hint: std::from_chars reads digits and says where they end.
std::int64_t HookPlace::layer() const {
  // solution 13.1
  const std::string prefix = "blocks.";
  std::int64_t number = 0;
  const char* const end = name.data() + name.size();
  const char* const digits = name.data() + std::min(prefix.size(), name.size());
  const auto [rest, error] = std::from_chars(digits, end, number);
  if (!name.starts_with(prefix) || error != std::errc() || rest == end || *rest != '.' || *digits == '-') {
    throw ValueError(
        "layer: the hook point '{}' is in no layer: its name does not start with "
        "'blocks.<number>.'.",
        {name});
  }
  return number;
  // end solution
}

// 13.1 HookPoint::add_hook, add_gradient_hook  -> a handle that removes the hook; ValueError for an empty function
// A new entry in list_->entries, with the next id (++list_->last_id): at the end, or in front with options.prepend.
// Hint: an entry holds both kinds of function, one of them empty. HookPointHandle(list_, id): the pointer becomes weak.
HookPointHandle HookPoint::add_hook(ForwardHook hook, HookOptions options) {
  // solution 13.1
  if (!hook) throw ValueError("add_hook at {}: there is no function to call.", {name()});
  return insert(list_, {.id = 0, .options = options, .forward = std::move(hook), .backward = {}});
  // end solution
}
HookPointHandle HookPoint::add_gradient_hook(GradientHook hook, HookOptions options) {
  // solution 13.1
  if (!hook) throw ValueError("add_gradient_hook at {}: there is no function to call.", {name()});
  return insert(list_, {.id = 0, .options = options, .forward = {}, .backward = std::move(hook)});
  // end solution
}

// 13.1 HookPoint::hook_count  -> how many hooks of the direction there are
// Hint: is_of, above, also checks the direction. An empty list does not excuse a direction that is none.
std::int64_t HookPoint::hook_count(HookDirection direction) const {
  // solution 13.1
  is_of({}, direction);
  return std::count_if(list_->entries.begin(), list_->entries.end(),
                       [direction](const HookList::Entry& entry) { return is_of(entry, direction); });
  // end solution
}

// 13.1 HookPoint::remove_hooks  removes the hooks of which.direction and, if which.level is set, of that level; the
// permanent ones among them only with which.including_permanent.
// Hint: std::erase_if.
void HookPoint::remove_hooks(const HookSelection& which) {
  // solution 13.1
  is_of({}, which.direction);
  std::erase_if(list_->entries, [&which](const HookList::Entry& entry) {
    return is_of(entry, which.direction) && (which.including_permanent || !entry.options.permanent) &&
           (!which.level || *which.level == entry.options.level);
  });
  // end solution
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
  // solution 13.1
  const std::shared_ptr<HookList> list = list_;
  const std::uint64_t newest = list->last_id;
  Tensor seen = x;
  for (const std::uint64_t id : ids_of(*list, HookDirection::forward, newest)) {
    const ForwardHook hook = find_entry(*list, id).forward;
    if (!hook) continue;  // an earlier hook removed it
    const Tensor replacement = hook(seen, list->place);
    if (!replacement.defined()) continue;
    check_same_shape(list->place, "a value", seen.shape(), replacement.shape());
    seen = replacement;
  }
  if (!has_hooks(HookDirection::backward) || !seen.requires_grad()) return seen;
  // An op of its own: a hook on the node of `seen` would also see the gradient from those who read it elsewhere.
  return record(
      "hook", seen.value(), {seen},
      [newest, weak = std::weak_ptr<HookList>(list)](const Backward& bw) -> Arrays {
        const std::shared_ptr<HookList> still_there = weak.lock();
        return {still_there ? run_gradient_hooks(*still_there, newest, bw.grad) : bw.grad};
      },
      Save::nothing);
  // end solution
}

}  // namespace rushlight
