// hook_registry.cpp: what is done to many hook points at once.
#include "01_tensor/todo.hpp"
#include "13_transformers/hooks.hpp"

namespace rushlight {

// 13.2 hook_count  model, direction -> the number of hooks in all of it
// Hint: hook_points.
std::int64_t hook_count(Module& model, HookDirection direction) {
  std::int64_t count = 0;
  for (const auto& [name, point] : hook_points(model)) count += point->hook_count(direction);
  return count;
}

// 13.2 reset_hooks  remove_hooks(which) of every point
// Hint: hook_points.
void reset_hooks(Module& model, const HookSelection& which) {
  for (const auto& [name, point] : hook_points(model)) point->remove_hooks(which);
}

// 13.2 add_hooks  model, requests -> the handles
// For each request in order, for each point it wants in order: its forward hook and its backward hook, where given.
// ValueError for a request with neither. When anything throws, no hook of this call may be left.
// Hint: handles that are on the stack do the clearing up by themselves.
std::vector<HookPointHandle> add_hooks(Module& model, const HookRequests& requests, HookOptions options) {
  std::vector<HookPointHandle> handles;
  for (const HookRequest& request : requests) {
    if (!request.forward && !request.backward) {
      throw ValueError("add_hooks: a request has neither a forward nor a backward function.");
    }
    for (const auto& [name, point] : hook_points(model, request.at)) {
      if (request.forward) handles.push_back(point->add_hook(request.forward, options));
      if (request.backward) handles.push_back(point->add_gradient_hook(request.backward, options));
    }
  }
  return handles;
}

}  // namespace rushlight
