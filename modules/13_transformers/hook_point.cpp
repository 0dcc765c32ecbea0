// hook_point.cpp: one place at which a model lets you listen, or speak.
#include <algorithm>
#include <charconv>
#include <utility>

#include "01_tensor/todo.hpp"
#include "13_transformers/hooks.hpp"

namespace rushlight {

// 13.1 HookPlace::layer  "blocks.3.attn.hook_q" -> 3
// ValueError, with the name, unless it starts with "blocks.", a number and a dot. A number is digits alone, and no more
// than an int64 holds.
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
// Hint: HookList::Entry::is_of also checks the direction. An empty list does not excuse a direction that is none.
std::int64_t HookPoint::hook_count(HookDirection direction) const {
  todo("13.1");
}

// 13.1 HookPoint::remove_hooks  removes the hooks of which.direction and, if which.level is set, of that level; the
// permanent ones among them only with which.including_permanent.
// Hint: std::erase_if.
void HookPoint::remove_hooks(const HookSelection& which) {
  todo("13.1");
}

}  // namespace rushlight
