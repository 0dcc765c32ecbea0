#include "graphs.hpp"

namespace rushlight::test {
namespace {

// --- linear time ------------------------------------------------------------------------------------------------

// A small one first: whoever walks paths instead of nodes fails there, and does not fill the memory at the large one.
TEST(Unit_05_2, SixtyDiamondsCallEachRuleOnce) {
  for (const int depth : {4, 60}) {
    const Tensor x = leaf(1);
    int calls = 0;
    Tensor y = x;
    for (int i = 0; i < depth; ++i) y = diamond(counting(y, calls), Real(0.25), Real(0.75));
    y.backward();
    ASSERT_EQ(calls, depth);
    ASSERT_TRUE(near(x.grad(), scalar, {1}));
  }
}

TEST(Unit_05_2, EveryLayerReadsAllEarlierOnes) {
  for (const int depth : {4, 50}) {
    const Tensor x = leaf(1);
    int calls = 0;
    Tensors layers{x};
    for (int i = 0; i < depth; ++i) layers.push_back(counting(join(layers), calls));
    layers.back().backward();
    ASSERT_EQ(calls, depth);
    ASSERT_TRUE(near(x.grad(), scalar, {std::ldexp(1.0, depth - 1)}));  // so many ways, each counted
  }
}

// More levels than a stack has room for. (tests/regression/deep.cpp does it with a million, which takes a second.)
TEST(Unit_05_2, ADeepGraphIsBuiltDifferentiatedAndDestroyed) {
  const Tensor x = leaf(1);
  const Rule pass_on = [](const Backward& bw) -> Arrays { return {bw.grad}; };
  {
    Tensor y = x;
    for (int i = 0; i < 120000; ++i) y = record("same", x.value(), {y}, Save::nothing, pass_on);
    y.backward();
    EXPECT_TRUE(near(x.grad(), scalar, {1}));
  }
  EXPECT_EQ(x.node().use_count(), 1) << "the graph is still alive";
}

TEST(Unit_05_2, ADeepChainOfRealOps) {
  const Tensor x = leaf(ones({3}));
  Tensor y = x;
  for (int i = 0; i < 500; ++i) y = y * Tensor(Real(-1)) + Tensor(Real(1));
  sum(y).backward();
  EXPECT_TRUE(near(x.grad(), {3}, {1, 1, 1}));
}

// --- releasing --------------------------------------------------------------------------------------------------

TEST(Unit_05_2, ASecondPassSaysThatTheGraphIsGone) {
  const Tensor x = leaf(3);
  const Tensor y = exp(x * x);
  y.backward();
  const Array before = x.grad().clone();
  EXPECT_THROWS_WITH(y.backward(), GraphError, "exp", "freed", "forward pass again", "retain_graph");
  EXPECT_TRUE(near(x.grad(), before, exactly));
}

TEST(Unit_05_2, ASharedPartThatIsGoneIsNamed) {
  const Tensor x = leaf(3);
  const Tensor h = sqrt(x);
  const Tensor first = h * Tensor(2), second = h * Tensor(3);
  first.backward();
  EXPECT_THROWS_WITH(second.backward(), GraphError, "sqrt", "freed");
}

TEST(Unit_05_2, RetainGraphAllowsASecondPass) {
  const Tensor x = leaf(3);
  const Tensor y = x * x;
  backward(y, {.retain_graph = true});
  EXPECT_FALSE(y.node()->released);
  backward(y, Array::scalar(10), {.retain_graph = true});
  y.backward();
  EXPECT_TRUE(near(x.grad(), scalar, {6 + 60 + 6}));
  EXPECT_THROW(y.backward(), GraphError);
}

TEST(Unit_05_2, SavedValuesAreDropped) {
  const Tensor x = leaf(randn({4}, 1));
  const Tensor h = exp(x);
  sum(h * h).backward();
  EXPECT_TRUE(h.node()->released);
  EXPECT_FALSE(h.node()->saved_output.defined());
  EXPECT_FALSE(h.node()->rule);
}

TEST(Unit_05_2, MemoryIsFreedAsThePassGoes) {  // not only after it
  const Tensor x = leaf(1);
  auto held = std::make_shared<int>(0);
  const std::weak_ptr<int> watch = held;
  bool gone = false;
  const Tensor below = record("below", x.value(), {x}, Save::nothing, [&](const Backward& bw) -> Arrays {
    gone = watch.expired();
    return {bw.grad};
  });
  const Tensor above = record("above", below.value(), {below}, Save::nothing,
                              [held](const Backward& bw) -> Arrays { return {bw.grad}; });
  held.reset();
  above.backward();
  EXPECT_TRUE(gone) << "what the upper rule held was still there when the lower rule ran";
}

TEST(Unit_05_2, ALeafIsNeverReleased) {
  const Tensor x = leaf(3);
  x.backward();
  x.backward();
  (x * x).backward();
  EXPECT_FALSE(x.node()->released);
  EXPECT_TRUE(near(x.grad(), scalar, {8}));
}

}  // namespace
}  // namespace rushlight::test
