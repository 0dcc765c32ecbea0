// 06.1: who is stepped, who is not, and what is refused at the door. Update rules play no part here: the optimizer
// under test subtracts the gradient and counts.
#include <limits>

#include "06_optimizers/oracle.hpp"

namespace rushlight::test {
namespace {

struct PlainOptions {
  double lr = 1;
  void check(const std::string&) const {}
  void visit(const OptionVisitor& visit) { visit("lr", lr); }
};

// θ ← θ - lr·g, and one buffer that adds up the steps.
class Plain : public OptimizerWith<PlainOptions> {
 public:
  explicit Plain(const Tensors& parameters, const PlainOptions& options = {}) : Plain(Groups{{parameters, options}}) {}
  explicit Plain(const Groups& groups) : OptimizerWith("Plain", groups) {}

  std::vector<std::int64_t> seen_steps;
  std::vector<Real> seen_buffers;  // the first element, before this step's change
  std::vector<int> seen_groups;

 protected:
  void update(int group, Array& value, const Array& grad, State& state) override {
    ASSERT_EQ(state.buffers.size(), 1u);
    ASSERT_EQ(state.buffers[0].shape(), value.shape());
    seen_groups.push_back(group);
    seen_steps.push_back(state.step);
    seen_buffers.push_back(value.size() > 0 ? state.buffers[0].data()[0] : 0);
    const auto values = value.mutable_data();
    for (std::size_t i = 0; i < values.size(); ++i) values[i] -= static_cast<Real>(lr(group)) * grad.data()[i];
    for (Real& each : state.buffers[0].mutable_data()) each += 1;
  }
  std::vector<std::string> buffer_names(int) const override { return {"count"}; }
};

TEST(Unit_06_1, StepReachesEveryParameterOfEveryGroup) {
  const Tensor a = leaf({2}, {1, 2}), b = leaf({}, {3}), c = leaf({1, 2}, {4, 5});
  Plain optimizer({{.parameters = {a, b}, .options = {.lr = 1}}, {.parameters = {c}, .options = {.lr = 10}}});
  Tensor(a).set_grad(Array({2}, {1, 1}));
  Tensor(b).set_grad(Array({}, {1}));
  Tensor(c).set_grad(Array({1, 2}, {1, 2}));
  optimizer.step();
  EXPECT_TRUE(near(a.value(), {2}, {0, 1}));
  EXPECT_TRUE(near(b.value(), Shape(), {2}));
  EXPECT_TRUE(near(c.value(), {1, 2}, {-6, -15})) << "group 1 has lr 10";
  EXPECT_EQ(optimizer.seen_groups, (std::vector<int>{0, 0, 1}));
}

TEST(Unit_06_1, StepChangesTheValueInPlace) {
  const Tensor a = leaf({2}, {1, 2});
  const Array before = a.value();
  const std::uint64_t version = before.version();
  Plain optimizer({a});
  step_with(optimizer, a, {1, 1});
  EXPECT_TRUE(a.value().shares_buffer_with(before)) << "the parameter must keep its buffer";
  EXPECT_GT(a.value().version(), version) << "a pending backward must be able to notice the change";
}

TEST(Unit_06_1, StepRecordsNothingAndKeepsTheGradient) {
  const Tensor a = leaf({2}, {1, 2});
  Plain optimizer({a});
  const Node* node = a.node().get();
  std::vector<std::string> ops;
  const OpObserver before = set_op_observer([&](const char* op, const Array&) { ops.push_back(op); });
  step_with(optimizer, a, {1, 1});
  set_op_observer(before);
  EXPECT_TRUE(ops.empty());
  EXPECT_TRUE(a.is_leaf());
  EXPECT_EQ(a.node().get(), node);
  EXPECT_TRUE(near(a.grad(), {2}, {1, 1})) << "only zero_grad() forgets";
}

TEST(Unit_06_1, ParameterWithoutGradientIsLeftAlone) {
  const Tensor a = leaf({1}, {1}), b = leaf({1}, {2});
  Plain optimizer({a, b});
  const std::uint64_t version = b.value().version();
  step_with(optimizer, a, {1});
  EXPECT_EQ(b.value().version(), version);
  EXPECT_TRUE(near(b.value(), {1}, {2}));
  step_with(optimizer, b, {1});  // a still has its gradient: its second step, b's first
  EXPECT_EQ(optimizer.seen_steps, (std::vector<std::int64_t>{1, 2, 1}));
  EXPECT_TRUE(near(a.value(), {1}, {-1}));
  EXPECT_TRUE(near(b.value(), {1}, {1}));
  Tensor(a).zero_grad();
  optimizer.step();  // b alone, its second
  step_with(optimizer, a, {1});
  EXPECT_EQ(optimizer.seen_steps, (std::vector<std::int64_t>{1, 2, 1, 2, 3, 3})) << "what is left alone is not counted";
}

TEST(Unit_06_1, BuffersStartAtZeroAndStayBetweenSteps) {
  const Tensor a = leaf({3}, {1, 2, 3});
  Plain optimizer({a});
  for (int t = 0; t < 3; ++t) step_with(optimizer, a, {1, 1, 1});
  EXPECT_EQ(optimizer.seen_buffers, (std::vector<Real>{0, 1, 2}));
  EXPECT_EQ(optimizer.seen_steps, (std::vector<std::int64_t>{1, 2, 3}));
}

TEST(Unit_06_1, FrozenTensorIsAcceptedAndSkipped) {
  const Tensor frozen(Array({2}, {1, 2}));
  Plain optimizer({frozen});
  optimizer.step();
  EXPECT_TRUE(optimizer.seen_steps.empty());
  EXPECT_TRUE(near(frozen.value(), {2}, {1, 2}));
}

TEST(Unit_06_1, EmptyParameterAndScalarParameter) {
  const Tensor none = leaf({0, 3}, {}), one = leaf({}, {5});
  Plain optimizer({none, one});
  Tensor(none).set_grad(Array({0, 3}, std::vector<Real>{}));
  step_with(optimizer, one, {2});
  EXPECT_TRUE(near(one.value(), Shape(), {3}));
  EXPECT_EQ(none.shape(), Shape({0, 3}));
}

TEST(Unit_06_1, ZeroGradMakesEveryGradientUndefined) {
  Tensor a = leaf({2}, {1, 2}), b = leaf({1}, {3});
  Plain optimizer({{.parameters = {a}, .options = {}}, {.parameters = {b}, .options = {}}});
  a.set_grad(Array({2}, {1, 1}));
  b.set_grad(Array({1}, {1}));
  optimizer.zero_grad();
  EXPECT_FALSE(a.grad().defined());
  EXPECT_FALSE(b.grad().defined()) << "the second group too";
  optimizer.step();
  EXPECT_TRUE(near(a.value(), {2}, {1, 2})) << "without a gradient nothing moves";
  EXPECT_TRUE(a.requires_grad());
}

TEST(Unit_06_1, ZeroGradPassesOverWhatIsFrozen) {
  Tensor a = leaf({1}, {3});
  Plain optimizer({Tensor(Array({2}, {1, 2})), a});
  a.set_grad(Array({1}, {1}));
  optimizer.zero_grad();
  EXPECT_FALSE(a.grad().defined());
}

TEST(Unit_06_1, HandlesAreShared) {
  Tensor a = leaf({1}, {1});
  Tensors list = {a};
  Plain optimizer(list);
  list.clear();
  step_with(optimizer, a, {1});
  EXPECT_TRUE(near(a.value(), {1}, {0}));
  EXPECT_EQ(optimizer.parameters(0).size(), 1u);
}

TEST(Unit_06_1, LearningRateIsPerGroup) {
  const Tensor a = leaf({1}, {0}), b = leaf({1}, {0});
  Plain optimizer({{.parameters = {a}, .options = {.lr = 1}}, {.parameters = {b}, .options = {.lr = 2}}});
  EXPECT_EQ(optimizer.group_count(), 2);
  optimizer.set_lr(1, 3);
  EXPECT_EQ(optimizer.lr(0), 1);
  EXPECT_EQ(optimizer.lr(1), 3);
  Tensor(a).set_grad(Array({1}, {1}));
  step_with(optimizer, b, {1});
  EXPECT_TRUE(near(a.value(), {1}, {-1}));
  EXPECT_TRUE(near(b.value(), {1}, {-3}));
  optimizer.set_lr(0.5);
  EXPECT_EQ(optimizer.lr(0), 0.5);
  EXPECT_EQ(optimizer.lr(1), 0.5);
  EXPECT_THROWS_WITH(optimizer.set_lr(-1), ValueError, "Plain", "lr", "-1");
  EXPECT_THROWS_WITH(optimizer.set_lr(0, std::numeric_limits<double>::quiet_NaN()), ValueError, "lr");
}

TEST(Unit_06_1, EmptyParameterListIsRefused) {
  EXPECT_THROWS_WITH(Plain(Tensors{}), ValueError, "Plain", "empty");
  EXPECT_THROWS_WITH(Plain(Plain::Groups{}), ValueError, "Plain", "empty");
  const Tensor a = leaf({1}, {1});
  EXPECT_THROWS_WITH(Plain({{.parameters = {a}, .options = {}}, {.parameters = {}, .options = {}}}), ValueError,
                     "empty");
}

TEST(Unit_06_1, TheSameParameterTwiceIsRefused) {
  const Tensor a = leaf({2, 3}, {1, 2, 3, 4, 5, 6}), b = leaf({1}, {1});
  EXPECT_THROWS_WITH(Plain({a, b, a}), ValueError, "Plain", "twice", "(2, 3)");
  EXPECT_THROWS_WITH(Plain({{.parameters = {a}, .options = {}}, {.parameters = {b, a}, .options = {}}}), ValueError,
                     "Plain", "twice");
}

TEST(Unit_06_1, EqualValuesAreNotTheSameParameter) {
  const Tensor a = leaf({1}, {1}), b = leaf({1}, {1});
  EXPECT_EQ(Plain({a, b}).parameters(0).size(), 2u);
}

TEST(Unit_06_1, FrozenParametersAreToldApart) {  // none of them has a node
  const Tensor a(Array({1}, {1})), b(Array({1}, {1}));
  EXPECT_EQ(Plain({a, b}).parameters(0).size(), 2u);
  EXPECT_EQ(Plain({{.parameters = {a}, .options = {}}, {.parameters = {b}, .options = {}}}).group_count(), 2);
  EXPECT_THROWS_WITH(Plain({a, b, a}), ValueError, "Plain", "twice");
  EXPECT_THROWS_WITH(Plain({{.parameters = {a}, .options = {}}, {.parameters = {b, a}, .options = {}}}), ValueError,
                     "Plain", "twice");
}

TEST(Unit_06_1, EmptyHandlesAndResultsOfOpsAreRefused) {
  const Tensor a = leaf({1}, {1});
  EXPECT_THROWS_WITH(Plain({a, Tensor()}), ValueError, "Plain", "parameter 1");
  const Tensor result =
      record("double", a.value(), {a}, Save::all, [](const Backward& bw) -> Arrays { return {bw.grad}; });
  EXPECT_THROWS_WITH(Plain({result}), GraphError, "Plain", "double", "leaf");
}

TEST(Unit_06_1, AGroupThatIsRefusedIsNotThere) {
  struct Growing : Plain {
    using Plain::add_group;
    using Plain::Plain;
  };
  const Tensor a = leaf({1}, {1}), b = leaf({1}, {2});
  Growing optimizer(Tensors{a});
  EXPECT_THROW(optimizer.add_group({b, a}), ValueError);
  EXPECT_THROW(optimizer.add_group({b, Tensor()}), ValueError);
  EXPECT_THROW(optimizer.add_group({}), ValueError);
  EXPECT_EQ(optimizer.group_count(), 1);
  optimizer.add_group({b});
  EXPECT_EQ(optimizer.group_count(), 2);
}

TEST(Unit_06_1, GradientOfTheWrongShapeChangesNothing) {
  const Tensor a = leaf({2}, {1, 2}), b = leaf({2, 1}, {3, 4}), c = leaf({1}, {5});
  Plain optimizer({{.parameters = {a}, .options = {}}, {.parameters = {c, b}, .options = {}}});
  Tensor(a).set_grad(Array({2}, {1, 1}));
  b.node()->grad = Array({1, 2}, {1, 1});  // as many numbers, another shape
  EXPECT_THROWS_WITH(optimizer.step(), ShapeError, "Plain", "(2, 1)", "(1, 2)");
  EXPECT_TRUE(near(a.value(), {2}, {1, 2})) << "a was stepped before the error was noticed";
  EXPECT_TRUE(optimizer.seen_steps.empty());
}

TEST(Unit_06_1, AsManyNumbersInAnotherShapeAreRefused) {
  const std::vector<std::pair<Shape, Shape>> pairs = {
      {{0, 3}, {3, 0}}, {{}, {1}}, {{1}, {}}, {{6}, {2, 3}}, {{0}, {0, 1}}};
  for (const auto& [shape, other] : pairs) {
    const Tensor a = leaf({1}, {1}), b(ones(shape), true);
    Plain optimizer({a, b});
    Tensor(a).set_grad(Array({1}, {1}));
    b.node()->grad = ones(other);
    EXPECT_THROWS_WITH(optimizer.step(), ShapeError, "Plain", shape.str(), other.str());
    EXPECT_TRUE(optimizer.seen_steps.empty()) << shape.str();
  }
}

}  // namespace
}  // namespace rushlight::test
