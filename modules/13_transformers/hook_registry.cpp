// hook_registry.cpp: what is done to many hook points at once.
#include "01_tensor/todo.hpp"
#include "13_transformers/hooks.hpp"

namespace rushlight {

// 13.2 hook_count  model, direction -> the number of hooks in all of it
// Hint: hook_points.
std::int64_t hook_count(Module& model, HookDirection direction) {
  todo("13.2");
}

// 13.2 reset_hooks  remove_hooks(which) of every point
// Hint: hook_points.
void reset_hooks(Module& model, const HookSelection& which) {
  todo("13.2");
}

// 13.2 add_hooks  model, requests -> the handles
// For each request in order, for each point it wants in order: its forward hook and its backward hook, where given.
// ValueError for a request with neither. When anything throws, no hook of this call may be left.
// Hint: handles that are on the stack do the clearing up by themselves.
std::vector<HookPointHandle> add_hooks(Module& model, const HookRequests& requests, HookOptions options) {
  todo("13.2");
}

}  // namespace rushlight
