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

// Each hook point of the model with a single listener, of either direction: it must see what it sees where the other
// listens, too. run() gives something that has a gradient.
inline void expect_every_hook_alone(Module& model, const std::function<Tensor()>& run) {
  for (const auto& [name, point] : hook_points(model)) {
    const auto backwards = [&run, at = point] {
      Array seen;
      const auto handle = at->add_gradient_hook(watch_gradient([&](const Array& g) { seen = g.clone(); }));
      const Tensor y = run();
      Tape(y, cotangent(y.shape()));
      return seen;
    };
    const Array gradient = backwards(), value = seen_at(*point, [&run] { run(); });
    const auto other = point->add_hook(watch());
    const Array beside = backwards();
    ASSERT_TRUE(value.defined()) << name << ": a forward hook alone is not called";
    ASSERT_TRUE(gradient.defined()) << name << ": a gradient hook alone is not called";
    EXPECT_EQ(gradient.shape(), value.shape()) << name;
    EXPECT_TRUE(near(gradient, beside, layer_tolerance)) << name;
  }
}

inline HookedAttention attention(HookedAttentionOptions options, std::uint64_t seed = 1) {
  Generator g(seed);
  return HookedAttention(options, g);
}

}  // namespace rushlight::test
