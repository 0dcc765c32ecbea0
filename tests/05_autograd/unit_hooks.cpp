#include "graphs.hpp"

namespace rushlight::test {
namespace {

TEST(Unit_05_4, AHookSeesTheGradient) {
  const Tensor x = leaf(Array({2}, {3, 5}));
  const Tensor h = x * x;
  Array seen;
  const HookHandle handle = register_hook(h, [&](const Array& g) {
    seen = g;
    return Array();
  });
  sum(h * Tensor(2)).backward();
  EXPECT_TRUE(near(seen, {2}, {2, 2}));
  EXPECT_TRUE(near(x.grad(), {2}, {12, 20})) << "an undefined answer leaves the gradient alone";
  EXPECT_FALSE(h.grad().defined()) << "to look at it is not to keep it";
}

TEST(Unit_05_4, AHookReplacesTheGradient) {
  const Tensor x = leaf(Array({2}, {3, 5}));
  const Tensor h = x * x;
  const HookHandle handle = register_hook(h, [](const Array& g) { return g * Real(10); });
  sum(h).backward();
  EXPECT_TRUE(near(x.grad(), {2}, {60, 100}));
}

TEST(Unit_05_4, AHookOnALeafRunsBeforeItIsKept) {
  const Tensor x = leaf(3);
  std::vector<double> seen;
  const HookHandle handle = register_hook(x, [&](const Array& g) {
    seen.push_back(g.item());
    return g * Real(0.5);
  });
  (x * x).backward();
  (x * x).backward();
  EXPECT_EQ(seen, (std::vector<double>{6, 6})) << "each pass's own gradient, not what has accumulated";
  EXPECT_TRUE(near(x.grad(), scalar, {6}));
}

TEST(Unit_05_4, AHookOnTheRootSeesTheSeed) {
  const Tensor x = leaf(Array({2}, {3, 5}));
  const Tensor y = x * x;
  Array seen;
  const HookHandle handle = register_hook(y, [&](const Array& g) {
    seen = g.clone();
    return g * Real(2);
  });
  y.backward(Array({2}, {1, 10}));
  EXPECT_TRUE(near(seen, {2}, {1, 10}));
  EXPECT_TRUE(near(x.grad(), {2}, {12, 200}));
}

TEST(Unit_05_4, TheGradientIsCompleteWhenAHookSeesIt) {  // once, the sum of both sides
  const Tensor x = leaf(3);
  const Tensor h = x * Tensor(1);
  std::vector<double> seen;
  const HookHandle handle = register_hook(h, [&](const Array& g) {
    seen.push_back(g.item());
    return Array();
  });
  diamond(h, 3, 4).backward();
  EXPECT_EQ(seen, (std::vector<double>{7}));
}

TEST(Unit_05_4, HooksRunInOrderAndSeeEachOthersWork) {
  const Tensor x = leaf(1);
  const Tensor h = x * Tensor(1);
  std::vector<double> seen;
  const HookHandle first = register_hook(h, [](const Array& g) { return g + Real(1); });
  const HookHandle second = register_hook(h, [&](const Array& g) {
    seen.push_back(g.item());
    return Array();
  });
  const HookHandle third = register_hook(h, [](const Array& g) { return g * Real(10); });
  h.backward(Array::scalar(2));
  EXPECT_EQ(seen, (std::vector<double>{3}));
  EXPECT_TRUE(near(x.grad(), scalar, {30}));
}

TEST(Unit_05_4, RetainGradKeepsWhatTheHooksLeft) {
  const Tensor x = leaf(3);
  Tensor h = x * x;
  h.retain_grad();
  const HookHandle handle = register_hook(h, [](const Array& g) { return g * Real(10); });
  (h * Tensor(2)).backward();
  EXPECT_TRUE(near(h.grad(), scalar, {20}));
}

TEST(Unit_05_4, GradSeesWhatTheHooksLeft) {
  const Tensor x = leaf(3);
  const HookHandle handle = register_hook(x, [](const Array& g) { return g * Real(10); });
  EXPECT_TRUE(near(grad(x * x, {x})[0], scalar, {60}));
  const Tensor y = x * x;
  const HookHandle at_root = register_hook(y, [](const Array& g) { return g * Real(3); });
  EXPECT_TRUE(near(grad(y, {y})[0], scalar, {3}));
  y.backward();
  const HookHandle afterwards = register_hook(y, [](const Array& g) { return g * Real(2); });
  EXPECT_TRUE(near(run_hooks(*y.node(), Array::scalar(1)), scalar, {6})) << "a used node has hooks like any other";
}

TEST(Unit_05_4, AReplacementOfAnotherShape) {
  const Tensor x = leaf(Array({2}, {3, 5}));
  const Tensor h = exp(x);
  const HookHandle handle = register_hook(h, [](const Array&) { return ones({3}); });
  EXPECT_THROWS_WITH(sum(h).backward(), ShapeError, "exp", "(3,)", "(2,)");
  const Tensor row = reshape(leaf(ones({2, 3})), {6});  // its rule would take any six numbers
  const HookHandle other = register_hook(row, [](const Array&) { return ones({3, 2}); });
  EXPECT_THROWS_WITH(sum(row).backward(), ShapeError, "reshape", "(3, 2)", "(6,)");
}

TEST(Unit_05_4, TheNextHookNeverSeesAWrongShape) {  // nor can it mend one
  const Tensor x = leaf(Array({2}, {3, 5}));
  int calls = 0;
  const HookHandle first = register_hook(x, [](const Array&) { return ones({2, 1}); });
  const HookHandle second = register_hook(x, [&](const Array&) {
    ++calls;
    return ones({2});
  });
  EXPECT_THROWS_WITH(static_cast<void>(run_hooks(*x.node(), ones({2}))), ShapeError, "leaf", "(2, 1)", "(2,)");
  EXPECT_THROWS_WITH(sum(x).backward(), ShapeError, "leaf", "(2, 1)", "(2,)");
  EXPECT_EQ(calls, 0);
  EXPECT_FALSE(x.grad().defined());
}

TEST(Unit_05_4, AHookNeedsAGraph) {
  EXPECT_THROWS_WITH(static_cast<void>(register_hook(Tensor(3), [](const Array& g) { return g; })), GraphError);
}

TEST(Unit_05_4, AHookThatThrowsStopsThePass) {
  const Tensor x = leaf(3);
  const Tensor h = x * x;
  const HookHandle handle = register_hook(h, [](const Array&) -> Array { throw ValueError("enough"); });
  EXPECT_THROWS_WITH(h.backward(), ValueError, "enough");
  EXPECT_FALSE(x.grad().defined());
}

TEST(Unit_05_4, TheReplacementIsNotModified) {  // it waits for more to be added to it
  const Tensor x = leaf(Array({2}, {3, 5}));
  const Array replacement({2}, {7, 8});
  const Tensor h = x * Tensor(1), k = x * Tensor(1);
  const HookHandle first = register_hook(h, [&](const Array&) { return replacement; });
  const HookHandle second = register_hook(x, [&](const Array&) { return replacement; });
  sum(h + k).backward();
  sum(x * x).backward();
  EXPECT_TRUE(near(replacement, {2}, {7, 8}));
  EXPECT_TRUE(near(x.grad(), {2}, {14, 16}));
}

TEST(Unit_05_4, AHookMayRunABackwardOfItsOwn) {
  const Tensor x = leaf(3), other = leaf(5);
  const HookHandle handle = register_hook(x, [&](const Array&) {
    (other * other).backward();
    return Array();
  });
  (x * x).backward();
  EXPECT_TRUE(near(x.grad(), scalar, {6}));
  EXPECT_TRUE(near(other.grad(), scalar, {10}));
}

TEST(Unit_05_4, RunHooksOnANodeWithoutAny) {
  const Tensor x = leaf(3);
  EXPECT_TRUE(near(run_hooks(*x.node(), Array::scalar(4)), scalar, {4}));
}

}  // namespace
}  // namespace rushlight::test
