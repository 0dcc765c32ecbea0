// layers.hpp: attention under test, and what a run does, seen from outside.
#pragma once

#include <functional>
#include <string>

#include "plain.hpp"

namespace rushlight::test {

// The names of the ops that run() performs.
inline std::string ops_of(const std::function<void()>& run) {
  std::string names;
  const OpObserver before = set_op_observer([&](const char* op, const Array&) { names += std::string(op) + " "; });
  run();
  set_op_observer(before);
  return names;
}

// What passes the point while run() is under way.
inline Array seen_at(HookPoint& point, const std::function<void()>& run) {
  Array seen;
  const auto handle = point.add_hook(watch([&](const Tensor& x) { seen = x.value().clone(); }));
  run();
  return seen;
}

inline HookedAttention attention(HookedAttentionOptions options, std::uint64_t seed = 1) {
  Generator g(seed);
  return HookedAttention(options, g);
}

}  // namespace rushlight::test
