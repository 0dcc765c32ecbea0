// hook_checks.cpp: given. A direction that is none, a shape that changed, a name that does not exist.
#include "13_transformers/hooks.hpp"

namespace rushlight {
namespace {

// What comes after the last dot: "hook_q" of "blocks.0.attn.hook_q".
std::string last_part(const std::string& name) { return name.substr(name.rfind('.') + 1); }

}  // namespace

bool HookList::Entry::is_of(HookDirection direction) const {
  switch (direction) {
    case HookDirection::forward:
      return static_cast<bool>(forward);
    case HookDirection::backward:
      return static_cast<bool>(backward);
    case HookDirection::both:
      return true;
  }
  throw ValueError("HookPoint: {} is no direction: use forward, backward or both.", {static_cast<int>(direction)});
}

void check_hook_kept_shape(const HookPlace& place, const char* what, const Shape& seen, const Shape& returned) {
  if (seen == returned) return;
  throw ShapeError("hook at {}: it returned {} of shape {}, but it saw shape {}.", {place.name, what, returned, seen});
}

void throw_unknown_hook(const std::string& name, const NamedHookPoints& points) {
  std::string alike, all;
  for (const auto& [each, point] : points) {
    if (last_part(each) == last_part(name)) alike += " " + each;
    all += " " + each;
  }
  throw ValueError("hook_points: there is no hook point '{}'. {}:{}",
                   {name, alike.empty() ? "There are" : "Names that end alike", alike.empty() ? all : alike});
}

}  // namespace rushlight
