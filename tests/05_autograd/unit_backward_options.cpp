// 05.2, 05.3, 05.6: every way into the engine, with every option, and what is left when a pass breaks off.
#include <limits>

#include "graphs.hpp"

namespace rushlight::test {
namespace {

constexpr BackwardOptions retained{.retain_graph = true};

using Pass = std::function<void(const Tensor& y, const Tensor& x)>;

// All that run a pass of a y of one element over x, by what they are called.
const std::vector<std::pair<const char*, Pass>> passes = {
    {"y.backward()", [](const Tensor& y, const Tensor&) { y.backward(); }},
    {"y.backward(seed)", [](const Tensor& y, const Tensor&) { y.backward(Array::scalar(1)); }},
    {"backward(y)", [](const Tensor& y, const Tensor&) { backward(y); }},
    {"backward(y, seed)", [](const Tensor& y, const Tensor&) { backward(y, Array::scalar(1)); }},
    {"grad(y)", [](const Tensor& y, const Tensor& x) { grad(y, {x}); }},
    {"backward(y, retained)", [](const Tensor& y, const Tensor&) { backward(y, retained); }},
    {"backward(y, seed, retained)", [](const Tensor& y, const Tensor&) { backward(y, Array::scalar(1), retained); }},
    {"grad(y, retained)", [](const Tensor& y, const Tensor& x) { grad(y, {x}, retained); }},
};

bool retains(const std::string& name) { return name.find("retained") != std::string::npos; }

TEST(Unit_05_3, EveryPassReleasesUnlessItIsAskedToRetain) {
  for (const auto& [name, pass] : passes) {
    const Tensor x = leaf(3);
    const Tensor h = exp(x);
    const Tensor y = h * h;
    pass(y, x);
    EXPECT_EQ(!y.node()->released, retains(name)) << name;
    EXPECT_EQ(!h.node()->released, retains(name)) << name;
    if (retains(name)) {
      pass(y, x);
    } else {
      EXPECT_THROW(pass(y, x), GraphError) << name;
    }
  }
}

TEST(Unit_05_6, AnomalyModeLooksAtEveryPass) {
  for (const auto& [name, pass] : passes) {
    const Tensor x = leaf(0);
    const AnomalyMode watch({.infinities = true});
    const Tensor y = sqrt(x) * Tensor(1);  // 1/(2·√0) is infinite
    SCOPED_TRACE(name);
    EXPECT_THROWS_WITH(pass(y, x), ValueError, "backward of sqrt", "inf");
    EXPECT_FALSE(x.grad().defined()) << name;
  }
}

// What it saved is still there for whoever wants to know why.
TEST(Unit_05_6, ARuleThatIsRefusedIsNotReleased) {
  const Tensor x = leaf(0);
  const Tensor y = sqrt(x);
  const AnomalyMode watch({.infinities = true});
  for (int i = 0; i < 2; ++i) EXPECT_THROWS_WITH(y.backward(), ValueError, "backward of sqrt", "inf");
  EXPECT_FALSE(y.node()->released);
}

// --- how many numbers have one derivative -----------------------------------------------------------------------

const std::vector<Shape> not_one = {{0}, {2}, {2, 0}, {1, 2}, {3, 1}};

TEST(Unit_05_2, OnlyOneElementHasOneDerivative) {
  for (const Shape& shape : not_one) {
    const Tensor x = leaf(ones(shape));
    EXPECT_THROWS_WITH((x * x).backward(), ShapeError, shape.str());
    EXPECT_THROWS_WITH(x.backward(), ShapeError, shape.str());
    EXPECT_THROWS_WITH(backward(x * x, retained), ShapeError, shape.str());
    EXPECT_FALSE(x.grad().defined()) << shape.str();
    (x * x).backward(ones(shape));  // with a seed any shape will do
    EXPECT_EQ(x.grad().shape(), shape);
  }
}

TEST(Unit_05_3, OnlyOneElementHasOneDerivative) {
  for (const Shape& shape : not_one) {
    const Tensor x = leaf(ones(shape));
    EXPECT_THROWS_WITH(grad(x * x, {x}), ShapeError, shape.str());
  }
}

// --- a pass that breaks off -------------------------------------------------------------------------------------

Tensor broken(const Tensor& x) {
  return record("broken", x.value(), {x}, Save::nothing, [](const Backward&) -> Arrays { throw ValueError("no"); });
}

TEST(Unit_05_2, WhatWasCompleteIsDeliveredWhenARuleThrows) {
  const Tensor x = leaf(3);
  Tensor h = broken(x);
  Tensor y = h * Tensor(2);
  h.retain_grad();
  y.retain_grad();
  EXPECT_THROWS_WITH(y.backward(), ValueError, "no");
  EXPECT_TRUE(near(y.grad(), scalar, {1}));
  EXPECT_TRUE(near(h.grad(), scalar, {2})) << "what arrived at the rule that threw was complete";
  EXPECT_FALSE(x.grad().defined());
  EXPECT_TRUE(y.node()->released) << "what was released stays released";
}

TEST(Unit_05_2, WhatARuleThrowsComesThroughEveryPass) {
  for (const auto& [name, pass] : passes) {
    const Tensor x = leaf(3);
    SCOPED_TRACE(name);
    EXPECT_THROWS_WITH(pass(broken(x) * Tensor(2), x), ValueError, "no");
    EXPECT_FALSE(x.grad().defined()) << name;
    (x * x).backward();
    EXPECT_TRUE(near(x.grad(), scalar, {6})) << "after " << name;
  }
}

}  // namespace
}  // namespace rushlight::test
