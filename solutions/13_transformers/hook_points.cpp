// hook_points.cpp: all the hook points of a model, by name.
#include <algorithm>
#include <set>

#include "01_tensor/todo.hpp"
#include "13_transformers/hooks.hpp"

namespace rushlight {
namespace {  // solution

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

// 13.2 hook_points  model, filter -> (path, point) of those that are wanted, in the order of members()
// Also sets place().name of every point, wanted or not, to its path. ValueError when two points share a path, or when
// an exact name is not among the points (throw_unknown_hook, given).
// Hint: named_modules() of module 03 lists all modules with their paths; dynamic_cast<HookPoint*> tells the points.
NamedHookPoints hook_points(Module& model, const NameFilter& which) {
  NamedHookPoints points = all_hook_points(model);
  if (which.names) check_names(*which.names, points);
  std::erase_if(points, [&which](const auto& entry) {
    const std::string& name = entry.first;
    if (which.names) return std::find(which.names->begin(), which.names->end(), name) == which.names->end();
    return which.predicate && !which.predicate(name);
  });
  return points;
}

}  // namespace rushlight
