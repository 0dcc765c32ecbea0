#include <cmath>
#include <map>

#include "graphs.hpp"

namespace rushlight::test {
namespace {

// --- what rules may and may not return --------------------------------------------------------------------------

Tensor with_rule(const Tensor& x, Rule rule) {
  return record("strange", x.value(), {x}, Save::nothing, std::move(rule));
}

TEST(Unit_05_2, AWrongShapeIsNamedWithItsOp) {
  const Tensor x = leaf(ones({2}));
  const Tensor y = with_rule(x, [](const Backward&) -> Arrays { return {ones({3})}; });
  EXPECT_THROWS_WITH(y.backward(ones({2})), ShapeError, "strange", "(3,)", "(2,)");
}

TEST(Unit_05_2, AGradientOfTooFewAxesIsNamedWithItsOp) {
  const Tensor x = leaf(ones({2, 3}));
  const Tensor y = with_rule(x, [](const Backward&) -> Arrays { return {ones({3})}; });
  EXPECT_THROWS_WITH(y.backward(ones({2, 3})), ShapeError, "strange", "(3,)", "(2, 3)");
  const Tensor z = with_rule(x, [](const Backward&) -> Arrays { return {ones({2, 1})}; });
  EXPECT_THROWS_WITH(z.backward(ones({2, 3})), ShapeError, "strange", "(2, 1)", "(2, 3)");
}

TEST(Unit_05_2, AsManyNumbersInAnotherShapeDoNotFit) {
  const Tensor x = leaf(ones({2, 3}));
  for (const Shape& shape : {Shape{3, 2}, Shape{6}, Shape{6, 1}}) {
    const Tensor y = with_rule(x, [shape](const Backward&) -> Arrays { return {ones(shape)}; });
    EXPECT_THROWS_WITH(y.backward(ones({2, 3})), ShapeError, "strange", shape.str(), "(2, 3)");
    EXPECT_FALSE(x.grad().defined()) << shape.str();
  }
}

TEST(Unit_05_2, AnUndefinedGradientGoesNowhere) {
  const Tensor x = leaf(2), z = leaf(3);
  const Tensor y = record("half", x.value(), {x, z}, Save::nothing, [](const Backward& bw) -> Arrays {
    return {Array(), bw.grad};
  });
  y.backward();
  EXPECT_FALSE(x.grad().defined());
  EXPECT_TRUE(near(z.grad(), scalar, {1}));
}

TEST(Unit_05_2, WhatAConstantGetsIsIgnored) {
  const Tensor x = leaf(2);
  const Tensor y = record("generous", x.value(), {x, Tensor(5)}, Save::nothing, [](const Backward& bw) -> Arrays {
    return {bw.grad, ones({7, 7})};
  });
  y.backward();
  EXPECT_TRUE(near(x.grad(), scalar, {1}));
}

TEST(Unit_05_2, WrongNumberOfGradients) {
  const Tensor x = leaf(2);
  const Tensor y = with_rule(x, [](const Backward& bw) -> Arrays { return {bw.grad, bw.grad}; });
  EXPECT_THROWS_WITH(y.backward(), GraphError, "strange", "2 gradients for 1 inputs");
}

TEST(Unit_05_2, AValueChangedInPlaceIsNoticed) {
  Tensor x = leaf(Array({2}, {1, 2}));
  const Tensor y = sum(x * x);
  x.mutable_value().mutable_data()[0] = 100;
  EXPECT_THROWS_WITH(y.backward(), GraphError, "mul", "changed in place");
}

TEST(Unit_05_2, ARuleThatThrowsLeavesTheNextPassAlone) {
  const Tensor x = leaf(2);
  const Tensor bad = with_rule(x, [](const Backward&) -> Arrays { throw ValueError("no idea"); });
  EXPECT_THROWS_WITH(bad.backward(), ValueError, "no idea");
  EXPECT_FALSE(x.grad().defined());
  (x * x).backward();
  EXPECT_TRUE(near(x.grad(), scalar, {4}));
}

// --- at the door ------------------------------------------------------------------------------------------------

TEST(Unit_05_2, SeveralElementsNeedASeed) {
  const Tensor x = leaf(ones({2, 3}));
  EXPECT_THROWS_WITH((x * x).backward(), ShapeError, "(2, 3)", "sum", "seed");
  EXPECT_THROWS_WITH(backward(x * x), ShapeError, "(2, 3)");
}

TEST(Unit_05_2, ARootWithoutAGraph) {
  EXPECT_THROWS_WITH(Tensor(3).backward(), GraphError, "requires a gradient");
  const Tensor x = leaf(3);
  Tensor y;
  {
    const NoGrad off;
    y = x * x;
  }
  EXPECT_THROWS_WITH(y.backward(), GraphError, "NoGrad");
  EXPECT_THROW(backward(y, Array::scalar(1)), GraphError);
  EXPECT_FALSE(x.grad().defined());
}

TEST(Unit_05_2, ASeedOfAnotherShape) {
  const Tensor x = leaf(ones({2, 3}));
  EXPECT_THROWS_WITH((x * x).backward(ones({3})), ShapeError, "seed", "(3,)", "(2, 3)");
  EXPECT_THROWS_WITH((x * x).backward(ones({3, 2})), ShapeError, "(3, 2)");
  EXPECT_THROWS_WITH((x * x).backward(Array()), ShapeError, "seed");
  // The rule of reshape would take any six numbers: only a look at the seed itself notices.
  EXPECT_THROWS_WITH(reshape(x, {3, 2}).backward(ones({2, 3})), ShapeError, "seed", "(2, 3)", "(3, 2)");
  EXPECT_FALSE(x.grad().defined());
}

TEST(Unit_05_2, ValuesAndSeedsAreNotModified) {
  const Tensor x = leaf(Array({2}, {1, 2}));
  const Tensor y = x * x + x;
  const Array seed({2}, {3, 4});
  y.backward(seed);
  EXPECT_TRUE(near(seed, {2}, {3, 4}));
  EXPECT_TRUE(near(x.value(), {2}, {1, 2}));
  EXPECT_TRUE(near(y.value(), {2}, {2, 6}));
}

// --- the engine itself ------------------------------------------------------------------------------------------

TEST(Unit_05_2, CompleteSeesEachNodeOnceInOrder) {
  const Tensor x = leaf(2);
  const Tensor y = exp(x) * x;
  const Order order{y.node(), y.node()->inputs[0].node, x.node()};
  std::vector<std::string> seen;
  run_backward(order, Array::scalar(1), {.wanted = {}, .complete = [&](Node& node, Array gradient) {
                                           EXPECT_EQ(gradient.shape(), Shape{});
                                           seen.emplace_back(node.op);
                                         }});
  EXPECT_EQ(seen, (std::vector<std::string>{"mul", "exp", "leaf"}));
  EXPECT_FALSE(x.grad().defined()) << "keeping gradients is the plan's business";
}

TEST(Unit_05_2, AnyTopologicalOrderWillDo) {  // topological_order gives the youngest first, but nobody has to
  const Tensor x = leaf(2);
  const Tensor a = exp(x), b = x * x;
  const Tensor y = a * b;
  for (const Order& order :
       {Order{y.node(), a.node(), b.node(), x.node()}, Order{y.node(), b.node(), a.node(), x.node()}}) {
    std::map<const Node*, double> arrived;
    run_backward(order, Array::scalar(3),
                 {.wanted = {}, .complete = [&](Node& node, Array gradient) { arrived[&node] = gradient.item(); }},
                 {.retain_graph = true});
    EXPECT_EQ(arrived.size(), 4u);
    EXPECT_NEAR(arrived[a.node().get()], 3 * 4, 1e-5);
    EXPECT_NEAR(arrived[b.node().get()], 3 * std::exp(2.0), 1e-5);
    EXPECT_NEAR(arrived[x.node().get()], 3 * 8 * std::exp(2.0), 5e-5);  // (eˣ x²)' = eˣ (x² + 2x)
  }
}

TEST(Unit_05_2, UnwantedNodesAreNotReached) {
  const Tensor x = leaf(2), z = leaf(3);
  int x_calls = 0, z_calls = 0;
  const Tensor a = counting(x, x_calls), b = counting(z, z_calls);
  const Tensor y = a + b;
  std::vector<const Node*> seen;
  run_backward({y.node(), b.node(), a.node(), z.node(), x.node()}, Array::scalar(1),
               {.wanted = [&](const Node& node) { return &node != x.node().get() && &node != b.node().get(); },
                .complete = [&](Node& node, Array) { seen.push_back(&node); }});
  EXPECT_EQ(z_calls, 0);
  EXPECT_EQ(x_calls, 0) << "a rule whose result nobody wants is not called";
  EXPECT_EQ(seen, (std::vector<const Node*>{y.node().get(), a.node().get()}));
}

TEST(Unit_05_2, AnEmptyOrderIsNothingToDo) {
  run_backward({}, Array(), {.wanted = {}, .complete = [](Node&, Array) { FAIL(); }});
}

TEST(Unit_05_2, APlanWithoutCompleteJustRuns) {
  const Tensor x = leaf(2);
  int calls = 0;
  const Tensor y = counting(x, calls);
  run_backward({y.node(), x.node()}, Array::scalar(1), {});
  EXPECT_EQ(calls, 1);
}

TEST(Unit_05_2, RulesRecordNothing) {
  const Tensor x = leaf(2);
  const Tensor y = exp(x);
  const std::uint64_t before = Node("probe", {}).id;
  y.backward();
  EXPECT_EQ(Node("probe", {}).id, before + 1) << "the pass made nodes";
}

}  // namespace
}  // namespace rushlight::test
