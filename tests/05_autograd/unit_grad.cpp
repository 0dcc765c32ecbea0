#include "graphs.hpp"

namespace rushlight::test {
namespace {

TEST(Unit_05_3, GradOfALeaf) {
  const Tensor x = leaf(Array({2}, {3, 5}));
  const Arrays g = grad(sum(x * x), {x});
  ASSERT_EQ(g.size(), 1U);
  EXPECT_TRUE(near(g[0], {2}, {6, 10}));
}

TEST(Unit_05_3, NobodysGradChanges) {
  const Tensor x = leaf(Array({2}, {3, 5})), w = leaf(Array({2}, {1, 2}));
  Tensor h = x * w;
  h.retain_grad();
  grad(sum(h * h), {x});
  EXPECT_FALSE(x.grad().defined());
  EXPECT_FALSE(w.grad().defined());
  EXPECT_FALSE(h.grad().defined());
}

TEST(Unit_05_3, AGradientThatWasThereStays) {
  Tensor x = leaf(Array({2}, {3, 5})), w = leaf(Array({2}, {1, 2}));
  x.set_grad(Array({2}, {7, 8}));
  w.set_grad(Array({2}, {9, 10}));
  const Arrays g = grad(sum(x * w), {x});
  EXPECT_TRUE(near(g[0], {2}, {1, 2}));
  EXPECT_TRUE(near(x.grad(), {2}, {7, 8}, exactly));
  EXPECT_TRUE(near(w.grad(), {2}, {9, 10}, exactly));
}

TEST(Unit_05_3, GradInTheMiddleOfTheGraph) {
  const Tensor x = leaf(2);
  const Tensor h = x * x;
  const Arrays g = grad(h * h * h, {h, x});
  EXPECT_TRUE(near(g[0], scalar, {48}));
  EXPECT_TRUE(near(g[1], scalar, {192}));
}

TEST(Unit_05_3, AnInputAboveAnotherIsPassedThrough) {  // h lies on the way to x and is asked for as well
  const Tensor x = leaf(2);
  const Tensor h = exp(x);
  const Tensor k = h * h;
  const Arrays g = grad(k * Tensor(3), {x, h, k});
  EXPECT_TRUE(near(g[0], scalar, {3 * 2 * std::exp(4.0)}, gradient_tolerance));
  EXPECT_TRUE(near(g[1], scalar, {3 * 2 * std::exp(2.0)}, gradient_tolerance));
  EXPECT_TRUE(near(g[2], scalar, {3}));
}

TEST(Unit_05_3, InTheOrderAskedForAndTwiceIfAskedTwice) {
  const Tensor a = leaf(2), b = leaf(5);
  const Arrays g = grad(a * b, {b, a, b});
  ASSERT_EQ(g.size(), 3U);
  EXPECT_TRUE(near(g[0], scalar, {2}));
  EXPECT_TRUE(near(g[1], scalar, {5}));
  EXPECT_TRUE(near(g[2], scalar, {2}));
}

TEST(Unit_05_3, TheRootItself) {
  const Tensor x = leaf(Array({1, 1}, {3}));
  const Tensor y = x * x;
  EXPECT_TRUE(near(grad(y, {y})[0], {1, 1}, {1}));
}

TEST(Unit_05_3, NothingArrives) {
  const Tensor x = leaf(2), elsewhere = leaf(3);
  const Arrays g = grad(x * x, {elsewhere, x});
  EXPECT_FALSE(g[0].defined());
  EXPECT_TRUE(near(g[1], scalar, {4}));
}

TEST(Unit_05_3, NoInputsNoGradients) {
  const Tensor x = leaf(2);
  EXPECT_TRUE(grad(x * x, {}).empty());
}

TEST(Unit_05_3, BroadcastsAreSummedBack) {
  const Tensor x = leaf(randn({2, 3}, 1)), b = leaf(randn({3}, 2));
  EXPECT_TRUE(near(grad(sum(x + b), {b})[0], {3}, {2, 2, 2}));
}

TEST(Unit_05_3, RulesBelowTheInputsAreNotCalled) {
  const Tensor x = leaf(2);
  int below = 0, above = 0;
  const Tensor h = counting(exp(x), below);
  const Tensor y = counting(h, above);
  EXPECT_TRUE(near(grad(y, {h})[0], scalar, {1}));
  EXPECT_EQ(above, 1);
  EXPECT_EQ(below, 0);
}

TEST(Unit_05_3, WhatLiesBelowCanStillBeUsed) {  // only the part that ran is released
  const Tensor x = leaf(3);
  const Tensor h = x * x;
  const Arrays g = grad(h * h, {h});
  h.backward(g[0]);
  EXPECT_TRUE(near(x.grad(), scalar, {4 * 27}));
}

TEST(Unit_05_3, SideBranchesAreNotCalled) {
  const Tensor x = leaf(3), w = leaf(4);
  int side = 0;
  const Tensor y = x * counting(w, side);
  EXPECT_TRUE(near(grad(y, {x})[0], scalar, {4}));
  EXPECT_EQ(side, 0);
}

TEST(Unit_05_3, DiamondsInLinearTime) {
  for (const int depth : {4, 60}) {
    const Tensor x = leaf(1);
    int calls = 0;
    Tensor y = x;
    for (int i = 0; i < depth; ++i) y = diamond(counting(y, calls), Real(0.25), Real(0.75));
    ASSERT_TRUE(near(grad(y, {x})[0], scalar, {1}));
    ASSERT_EQ(calls, depth);
  }
}

TEST(Unit_05_3, TheGraphIsReleasedUnlessRetained) {
  const Tensor x = leaf(3);
  const Tensor y = x * x;
  EXPECT_TRUE(near(grad(y, {x}, {.retain_graph = true})[0], scalar, {6}));
  EXPECT_TRUE(near(grad(y, {x})[0], scalar, {6}));
  EXPECT_THROWS_WITH(grad(y, {x}), GraphError, "mul", "freed");
}

TEST(Unit_05_3, GradAtTheDoor) {
  const Tensor x = leaf(Array({2}, {1, 2}));
  const Tensor y = sum(x * x);
  EXPECT_THROWS_WITH(grad(y, {x, Tensor(3)}), GraphError, "input 1");
  EXPECT_THROWS_WITH(grad(Tensor(3), {x}), GraphError);
  EXPECT_THROWS_WITH(grad(x * x, {x}), ShapeError, "(2,)", "sum");
  EXPECT_TRUE(near(grad(y, {x})[0], {2}, {2, 4})) << "the calls that failed must not have used the graph up";
}

// --- detach -----------------------------------------------------------------------------------------------------

TEST(Unit_05_3, DetachSharesTheValue) {
  const Tensor x = leaf(Array({2}, {1, 2}));
  const Tensor y = x * x;
  const Tensor d = y.detach();
  EXPECT_TRUE(d.value().shares_buffer_with(y.value()));
  EXPECT_FALSE(d.requires_grad());
  EXPECT_EQ(d.node(), nullptr);
  EXPECT_TRUE(y.requires_grad()) << "the original keeps its history";
}

TEST(Unit_05_3, NoGradientPassesADetach) {
  const Tensor x = leaf(3);
  ((x * x).detach() * x).backward();
  EXPECT_TRUE(near(x.grad(), scalar, {9}));  // d(c·x)/dx with c = 9, where without detach it would be 27
}

TEST(Unit_05_3, DetachOfALeafAndOfAConstant) {
  const Tensor x = leaf(3);
  const Tensor d = x.detach();
  EXPECT_FALSE(d.requires_grad());
  EXPECT_TRUE(x.requires_grad());
  EXPECT_EQ(d.detach().item(), 3);
  const Tensor constant(4);
  for (const Tensor& each : {x, d, constant}) EXPECT_TRUE(each.detach().value().shares_buffer_with(each.value()));
}

TEST(Unit_05_3, ADetachedTensorMayStartAGraphOfItsOwn) {
  const Tensor x = leaf(3);
  Tensor d = (x * x).detach();
  d.requires_grad_();
  (d * d).backward();
  EXPECT_TRUE(near(d.grad(), scalar, {18}));
  EXPECT_FALSE(x.grad().defined());
}

TEST(Unit_05_3, DetachOfNothing) { EXPECT_THROW(Tensor().detach(), ValueError); }

// --- the switches, with grad() and detach() inside --------------------------------------------------------------

TEST(Unit_05_3, NothingIsRecordedUnderNoGrad) {
  const Tensor x = leaf(3);
  const NoGrad off;
  EXPECT_FALSE((x * x).requires_grad());
  EXPECT_TRUE(x.requires_grad());
  EXPECT_FALSE(x.detach().requires_grad());
}

TEST(Unit_05_3, ScopesNest) {
  const Tensor x = leaf(3);
  {
    const NoGrad off;
    {
      const EnableGrad on;
      EXPECT_TRUE(near(grad(x * x, {x})[0], scalar, {6}));
      {
        const NoGrad off_again;
        EXPECT_FALSE((x * x).requires_grad());
      }
      EXPECT_TRUE((x * x).requires_grad());
    }
    EXPECT_FALSE((x * x).requires_grad());
  }
  EXPECT_TRUE((x * x).requires_grad());
}

TEST(Unit_05_3, AnExceptionRestoresTheSwitch) {
  const Tensor x = leaf(3);
  try {
    const NoGrad off;
    throw ValueError("half-way");
  } catch (const ValueError&) {
  }
  EXPECT_TRUE(near(grad(x * x, {x})[0], scalar, {6}));
  set_grad_enabled(false);
  try {
    const EnableGrad on;
    throw ValueError("half-way");
  } catch (const ValueError&) {
  }
  EXPECT_FALSE(grad_enabled());
  set_grad_enabled(true);
}

TEST(Unit_05_3, APassUnderNoGradStillWorks) {  // the graph is there; nothing new is recorded
  const Tensor x = leaf(3), z = leaf(5);
  const Tensor y = x * x, w = z * z;
  const NoGrad off;
  EXPECT_TRUE(near(grad(y, {x})[0], scalar, {6}));
  w.backward();
  EXPECT_TRUE(near(z.grad(), scalar, {10}));
}

}  // namespace
}  // namespace rushlight::test
