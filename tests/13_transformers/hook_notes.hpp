// hook_notes.hpp: hooks that leave a mark, and one that changes what it sees.
#pragma once

#include <string>

#include "plain.hpp"

namespace rushlight::test {

inline ForwardHook note(std::string& order, char mark) {
  return watch([&order, mark](const Tensor&) { order += mark; });
}

inline GradientHook note_gradient(std::string& order, char mark) {
  return watch_gradient([&order, mark](const Array&) { order += mark; });
}

inline ForwardHook times(Real factor) {
  return [factor](const Tensor& x, HookPlace&) { return x * factor; };
}

}  // namespace rushlight::test
