// hook_registry.cpp: all the hook points of a model, by name.
#include <algorithm>
#include <set>

#include "01_tensor/todo.hpp"
#include "13_transformers/hooks.hpp"

namespace rushlight {
// solution helper
namespace {

NamedHookPoints all_hook_points(Module& model) {
  NamedHookPoints found;
  std::set<std::string> seen;
  for (const auto& [path, module] : model.named_modules()) {
    auto* const point = dynamic_cast<HookPoint*>(module);
    if (point == nullptr) continue;
    if (!seen.insert(path).second) throw ValueError("hook_points: two points are called '{}'.", {path});
    point->place().name = path;
    found.emplace_back(path, point);
  }
  return found;
}

void check_names(const std::vector<std::string>& wanted, const NamedHookPoints& points) {
  for (const std::string& name : wanted) {
    const auto called = [&name](const auto& entry) { return entry.first == name; };
    if (std::none_of(points.begin(), points.end(), called)) throw_unknown_hook(name, points);
  }
}

}  // namespace
// end solution

// 13.2 hook_points  model, filter -> (path, point) of those that are wanted, in the order of members()
// Also sets place().name of every point, wanted or not, to its path. ValueError when two points share a path, or when
// an exact name is not among the points (throw_unknown_hook, given).
// Hint: named_modules() of module 03 lists all modules with their paths; dynamic_cast<HookPoint*> tells the points.
NamedHookPoints hook_points(Module& model, const NameFilter& which) {
  // solution 13.2
  NamedHookPoints points = all_hook_points(model);
  if (which.names) check_names(*which.names, points);
  std::erase_if(points, [&which](const auto& entry) {
    const std::string& name = entry.first;
    if (which.names) return std::find(which.names->begin(), which.names->end(), name) == which.names->end();
    return which.predicate && !which.predicate(name);
  });
  return points;
  // end solution
}

// 13.2 hook_count  model, direction -> the number of hooks in all of it
// Hint: hook_points.
std::int64_t hook_count(Module& model, HookDirection direction) {
  // solution 13.2
  std::int64_t count = 0;
  for (const auto& [name, point] : hook_points(model)) count += point->hook_count(direction);
  return count;
  // end solution
}

// 13.2 reset_hooks  remove_hooks(which) of every point
// Hint: hook_points.
void reset_hooks(Module& model, const HookSelection& which) {
  // solution 13.2
  for (const auto& [name, point] : hook_points(model)) point->remove_hooks(which);
  // end solution
}

// 13.2 add_hooks  model, requests -> the handles
// For each request in order, for each point it wants in order: its forward hook and its backward hook, where given.
// ValueError for a request with neither. When anything throws, no hook of this call may be left.
// Hint: handles that are on the stack do the clearing up by themselves.
std::vector<HookPointHandle> add_hooks(Module& model, const HookRequests& requests, HookOptions options) {
  // solution 13.2
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
  // end solution
}

}  // namespace rushlight
