// 05.2: nothing that somebody else holds may change.
#include "graphs.hpp"

namespace rushlight::test {
namespace {

TEST(Unit_05_2, LeavesDoNotShareABuffer) {  // add's rule returns one Array for both
  const Tensor a = leaf(Array({2}, {1, 2})), b = leaf(Array({2}, {3, 4}));
  const Array seed({2}, {10, 20});
  (a + b).backward(seed);
  EXPECT_FALSE(a.grad().shares_buffer_with(b.grad()));
  EXPECT_FALSE(a.grad().shares_buffer_with(seed));
  EXPECT_FALSE(b.grad().shares_buffer_with(seed));
}

TEST(Unit_05_2, ARetainedGradientSharesNoBufferEither) {
  const Tensor a = leaf(Array({2}, {1, 2})), b = leaf(Array({2}, {3, 4}));
  Tensor h = a + b;
  Tensor y = h + b;
  h.retain_grad();
  y.retain_grad();
  const Array seed({2}, {10, 20});
  y.backward(seed);
  const Arrays all{seed, y.grad(), h.grad(), a.grad(), b.grad()};
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) EXPECT_FALSE(all[i].shares_buffer_with(all[j])) << i << " and " << j;
  }
}

// Whatever the hooks do: watch, hand on what they were given, or put one Array in the place of several gradients.
TEST(Unit_05_4, WhatAHookLeftSharesNoBufferEither) {
  const Array constant({2}, {7, 8});
  const std::vector<GradHook> hooks = {[](const Array&) { return Array(); }, [](const Array& g) { return g; },
                                       [&](const Array&) { return constant; }};
  for (std::size_t i = 0; i < hooks.size(); ++i) {
    const Tensor a = leaf(Array({2}, {1, 2})), b = leaf(Array({2}, {3, 4}));
    Tensor h = a + b;
    h.retain_grad();
    std::vector<HookHandle> handles;
    for (const Tensor& each : {a, b, h}) handles.push_back(register_hook(each, hooks[i]));
    h.backward(Array({2}, {10, 20}));
    EXPECT_FALSE(a.grad().shares_buffer_with(b.grad())) << "hook " << i;
    EXPECT_FALSE(h.grad().shares_buffer_with(a.grad())) << "hook " << i;
    EXPECT_FALSE(h.grad().shares_buffer_with(b.grad())) << "hook " << i;
  }
}

TEST(Unit_05_2, ALeafAsRootDoesNotShareTheSeed) {
  const Tensor x = leaf(Array({2}, {1, 2}));
  const Array seed({2}, {10, 20});
  x.backward(seed);
  x.backward(seed);
  EXPECT_TRUE(near(x.grad(), {2}, {20, 40}));
  EXPECT_TRUE(near(seed, {2}, {10, 20}));
}

TEST(Unit_05_2, OneArrayForTwoInputsOfUnequalFate) {  // a gets more than b does
  const Tensor a = leaf(Array({2}, {1, 2})), b = leaf(Array({2}, {3, 4}));
  const Tensor h = exp(b);
  const Tensor both = a + h;
  sum(both + a * Tensor(3)).backward();
  EXPECT_TRUE(near(a.grad(), {2}, {4, 4}));
  EXPECT_TRUE(near(b.grad(), {2}, {std::exp(3.0), std::exp(4.0)}));
}

TEST(Unit_05_2, OneArrayForOneInputTwice) {
  const Tensor x = leaf(Array({2}, {1, 2}));
  const Array seed({2}, {10, 20});
  (x + x).backward(seed);
  EXPECT_TRUE(near(x.grad(), {2}, {20, 40}));
  EXPECT_TRUE(near(seed, {2}, {10, 20}));
}

// The gradient of Σ a·b with respect to a is b itself: a rule may well return the very Array.
Tensor dot_without_copies(const Tensor& a, const Tensor& b) {
  return record("dot", sum(a.value() * b.value()), {a, b}, Save::inputs, [](const Backward& bw) -> Arrays {
    return {bw.in(1), bw.in(0)};
  });
}

TEST(Unit_05_2, ARuleMayReturnWhatItSaved) {
  const Tensor a = leaf(Array({2}, {1, 2})), b = leaf(Array({2}, {3, 4}));
  const Tensor h = a * Tensor(2);
  (dot_without_copies(h, b) + dot_without_copies(h, b) + dot_without_copies(h, b)).backward();
  EXPECT_TRUE(near(a.grad(), {2}, {18, 24}));
  EXPECT_TRUE(near(b.grad(), {2}, {6, 12}));
  EXPECT_TRUE(near(b.value(), {2}, {3, 4})) << "accumulating changed a value";
  EXPECT_TRUE(near(h.value(), {2}, {2, 4})) << "accumulating changed a value";
  EXPECT_FALSE(b.grad().shares_buffer_with(h.value()));
}

TEST(Unit_05_2, ALeafGradientIsNotTheValueOfAnother) {
  const Tensor a = leaf(Array({2}, {1, 2})), b = leaf(Array({2}, {3, 4}));
  dot_without_copies(a, b).backward();
  dot_without_copies(a, b).backward();
  EXPECT_TRUE(near(a.grad(), {2}, {6, 8}));
  EXPECT_TRUE(near(b.value(), {2}, {3, 4}));
}

TEST(Unit_05_2, AReshapedGradientSharesItsBufferSafely) {  // reshape's rule returns the same buffer in another shape
  const Tensor x = leaf(Array({2, 2}, {1, 2, 3, 4}));
  const Tensor h = x * Tensor(1);
  const Tensor flat = reshape(h, {4});
  (flat + reshape(h * Tensor(10), {4})).backward(Array({4}, {1, 2, 3, 4}));
  EXPECT_TRUE(near(x.grad(), {2, 2}, {11, 22, 33, 44}));
}

TEST(Unit_05_2, ACapturedArrayKeepsItsValues) {
  const Tensor x = leaf(Array({2}, {1, 2}));
  const Array constant({2}, {5, 7});
  const auto op = [&](const Tensor& in) {
    return record("fixed", in.value(), {in}, Save::nothing,
                  [constant](const Backward&) -> Arrays { return {constant}; });
  };
  const Tensor h = x * Tensor(1);
  (op(h) + op(h)).backward(ones({2}));
  EXPECT_TRUE(near(x.grad(), {2}, {10, 14}));
  EXPECT_TRUE(near(constant, {2}, {5, 7}));
}

}  // namespace
}  // namespace rushlight::test
