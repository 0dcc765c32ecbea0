// hook_point.cpp: one place at which a model lets you listen, or speak.
#include <algorithm>
#include <charconv>
#include <utility>

#include "01_tensor/todo.hpp"
#include "13_transformers/hooks.hpp"

namespace rushlight {
namespace {  // solution

HookPointHandle insert(const std::shared_ptr<HookList>& list, HookList::Entry entry) {
  entry.id = ++list->last_id;
  const std::uint64_t id = entry.id;
  list->entries.insert(entry.options.prepend ? list->entries.begin() : list->entries.end(), std::move(entry));
  return HookPointHandle(list, id);
}

}  // namespace

// 13.1 HookPlace::layer  "blocks.3.attn.hook_q" -> 3
// ValueError, with the name, unless it starts with "blocks.", a number and a dot. A number is digits alone, and no more
// than an int64 holds.
// Hint: std::from_chars reads digits and says where they end.
std::int64_t HookPlace::layer() const {
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
}

// 13.1 HookPoint::add_hook, add_gradient_hook  -> a handle that removes the hook; ValueError for an empty function
// A new entry in list_->entries, with the next id (++list_->last_id): at the end, or in front with options.prepend.
// Hint: an entry holds both kinds of function, one of them empty. HookPointHandle(list_, id): the pointer becomes weak.
HookPointHandle HookPoint::add_hook(ForwardHook hook, HookOptions options) {
  if (!hook) throw ValueError("add_hook at {}: there is no function to call.", {name()});
  return insert(list_, {.id = 0, .options = options, .forward = std::move(hook), .backward = {}});
}
HookPointHandle HookPoint::add_gradient_hook(GradientHook hook, HookOptions options) {
  // solution 13.1
  if (!hook) throw ValueError("add_gradient_hook at {}: there is no function to call.", {name()});
  return insert(list_, {.id = 0, .options = options, .forward = {}, .backward = std::move(hook)});
  // end solution
}

// 13.1 HookPoint::hook_count  -> how many hooks of the direction there are
// Hint: HookList::Entry::is_of also checks the direction. An empty list does not excuse a direction that is none.
std::int64_t HookPoint::hook_count(HookDirection direction) const {
  HookList::Entry().is_of(direction);
  return std::count_if(list_->entries.begin(), list_->entries.end(),
                       [direction](const HookList::Entry& entry) { return entry.is_of(direction); });
}

// 13.1 HookPoint::remove_hooks  removes the hooks of which.direction and, if which.level is set, of that level; the
// permanent ones among them only with which.including_permanent.
// Hint: std::erase_if.
void HookPoint::remove_hooks(const HookSelection& which) {
  HookList::Entry().is_of(which.direction);
  std::erase_if(list_->entries, [&which](const HookList::Entry& entry) {
    return entry.is_of(which.direction) && (which.including_permanent || !entry.options.permanent) &&
           (!which.level || *which.level == entry.options.level);
  });
}

}  // namespace rushlight
