// hook_names.cpp: given. A name that does not exist is answered with those that do.
#include "13_transformers/hooks.hpp"

namespace rushlight {
namespace {

// What comes after the last dot: "hook_q" of "blocks.0.attn.hook_q".
std::string last_part(const std::string& name) { return name.substr(name.rfind('.') + 1); }

}  // namespace

void throw_unknown_hook(const std::string& name, const std::vector<std::string>& existing) {
  std::string alike, all;
  for (const std::string& each : existing) {
    if (last_part(each) == last_part(name)) alike += " " + each;
    all += " " + each;
  }
  throw ValueError("hook_points: there is no hook point '{}'. {}:{}",
                   {name, alike.empty() ? "There are" : "Names that end alike", alike.empty() ? all : alike});
}

}  // namespace rushlight
