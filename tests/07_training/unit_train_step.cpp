// 07.3: one step from several batches is the step of the one big batch.
#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "07_training/clip.hpp"
#include "07_training/helpers.hpp"

namespace rushlight::test {
namespace {

// y = w·x, loss = mean of y: dL/dw = mean of x. Small enough to work out by hand.
struct Line : Module {
  Tensor w{Array::scalar(2), true};
  Tensor forward(const Tensor& x) override { return w * x; }
  void members(Members& m) override { m("w", w); }
};

Tensor mean_output(const Tensor& output, const Batch&) { return mean(output); }

Batch batch_of(const std::vector<Real>& values) {
  const auto count = static_cast<std::int64_t>(values.size());
  return {Array({count, 1}, values), Indices({count})};
}

constexpr StepLimits watched{.watch_norm = true};

TEST(Unit_07_3, OneBatchByHand) {
  Line line;
  SGD optimizer({line.w}, {.lr = 0.5});
  const std::vector<Batch> batches = {batch_of({1, 3})};
  const StepResult result = train_step(line, optimizer, mean_output, batches, watched);
  EXPECT_DOUBLE_EQ(result.loss, 4);       // 2·mean(1, 3)
  EXPECT_DOUBLE_EQ(result.grad_norm, 2);  // mean(1, 3)
  EXPECT_EQ(result.examples, 2);
  EXPECT_TRUE(near(line.w.value(), Shape(), {1}, exactly));
}

TEST(Unit_07_3, EqualBatchesCountTheSame) {
  Line line;
  SGD optimizer({line.w}, {.lr = 0.5});
  const std::vector<Batch> batches = {batch_of({1, 3}), batch_of({5, 7})};
  const StepResult result = train_step(line, optimizer, mean_output, batches);
  EXPECT_DOUBLE_EQ(result.loss, 8);  // 2·mean(1, 3, 5, 7)
  EXPECT_TRUE(near(line.w.value(), Shape(), {0}, exactly));
}

TEST(Unit_07_3, AShortLastBatchCountsLess) {
  Line line;
  SGD optimizer({line.w}, {.lr = 1});
  const std::vector<Batch> batches = {batch_of({1, 1, 1}), batch_of({9})};
  const StepResult result = train_step(line, optimizer, mean_output, batches, watched);
  EXPECT_DOUBLE_EQ(result.grad_norm, 3) << "mean(1, 1, 1, 9) is 3; the mean of the batches' means would be 5";
  EXPECT_DOUBLE_EQ(result.loss, 6);
  EXPECT_EQ(result.examples, 4);
}

TEST(Unit_07_3, AnEmptyBatchIsPassedOver) {
  Line line;
  SGD optimizer({line.w}, {.lr = 1});
  const std::vector<Batch> batches = {batch_of({}), batch_of({1}), batch_of({})};
  EXPECT_DOUBLE_EQ(train_step(line, optimizer, mean_output, batches).loss, 2);
  EXPECT_TRUE(near(line.w.value(), Shape(), {1}, exactly));
}

// Of 3 + 1 + 2 rows, 1 + 0 + 2 count. One batch of all six has the mean over those three.
TEST(Unit_07_3, IgnoredLabelsHaveNoShare) {
  const Array x = randn({6, 2}, 5);
  const std::vector<std::int32_t> labels = {-100, 1, -100, -100, 0, 1};
  const auto part = [&](std::int64_t from, std::int64_t to) {
    return Batch{slice(x, 0, {.start = from, .stop = to}),
                 Indices({to - from}, {labels.begin() + from, labels.begin() + to})};
  };
  Sequential whole = small_net(), parts = small_net();
  SGD one(whole.parameters(), {.lr = 0.1}), other(parts.parameters(), {.lr = 0.1});
  const std::vector<Batch> all = {part(0, 6)}, split = {part(0, 3), part(3, 4), part(4, 6)};
  const StepResult expected = train_step(whole, one, classify, all, watched);
  const StepResult actual = train_step(parts, other, classify, split, watched);
  EXPECT_EQ(expected.counted, 3);
  EXPECT_EQ(actual.counted, 3);
  EXPECT_EQ(actual.examples, 6);
  EXPECT_NEAR(actual.loss, expected.loss, 1e-6);
  for (std::size_t p = 0; p < whole.parameters().size(); ++p) {
    EXPECT_TRUE(near(parts.parameters()[p].grad(), whole.parameters()[p].grad(), gradient_tolerance)) << p;
  }
}

// Who looks at every batch, such as batch norm or dropout, must not see it either.
TEST(Unit_07_3, ABatchInWhichNothingCountsDoesNotGoThroughTheModel) {
  Sequential net{BatchNorm1d({.features = 2})};
  SGD optimizer(net.parameters(), {.lr = 0});
  const Batch ignored{randn({2, 2}, 1), Indices({2}, {-100, -100})}, known{randn({2, 2}, 2), Indices({2}, {0, 1})};
  const StateDict before = net.state_dict();
  train_step(net, optimizer, classify, std::vector{ignored, ignored});
  expect_same_state(net.state_dict(), before);
  train_step(net, optimizer, classify, std::vector{ignored, known, ignored});
  Sequential other{BatchNorm1d({.features = 2})};
  other(known.inputs);
  expect_same_state(net.state_dict(), other.state_dict());
}

// Shapes of one element, all of them: a loss that keeps its axes is one, too.
TEST(Unit_07_3, ALossOfOneElementMayHaveAxes) {
  for (const Shape& shape : {Shape{1}, Shape{1, 1}}) {
    Line line;
    SGD optimizer({line.w}, {.lr = 0.5});
    const auto loss = [&](const Tensor& output, const Batch&) { return reshape(mean(output), shape); };
    const StepResult result = train_step(line, optimizer, loss, std::vector{batch_of({1, 3}), batch_of({5, 7})});
    EXPECT_DOUBLE_EQ(result.loss, 8);
    EXPECT_TRUE(near(line.w.value(), Shape(), {0}, exactly));
  }
}

TEST(Unit_07_3, AStepInWhichNothingCountsMovesNothing) {
  Sequential net = small_net();
  AdamW optimizer(net.parameters(), {.lr = 0.1});
  const StateDict before = net.state_dict();
  const std::vector<Batch> batches = {{randn({2, 2}, 1), Indices({2}, {-100, -100})}};
  for (Tensor each : net.parameters()) each.set_grad(ones(each.shape()));  // of the step before
  const StepResult result = train_step(net, optimizer, classify, batches, {.clip_norm = 1, .clip_value = 1});
  EXPECT_EQ(result.loss, 0);
  EXPECT_EQ(result.counted, 0);
  EXPECT_EQ(result.examples, 2);
  expect_same_state(net.state_dict(), before);
}

TEST(Unit_07_3, OldGradientsDoNotCount) {
  Line line;
  SGD optimizer({line.w}, {.lr = 1});
  line.w.set_grad(Array::scalar(100));
  const std::vector<Batch> batches = {batch_of({1})};
  train_step(line, optimizer, mean_output, batches);
  EXPECT_TRUE(near(line.w.value(), Shape(), {1}, exactly));
}

TEST(Unit_07_3, GradientIsClippedBeforeTheStep) {
  Line line;
  SGD optimizer({line.w}, {.lr = 1});
  const std::vector<Batch> batches = {batch_of({4})};
  const StepResult by_norm = train_step(line, optimizer, mean_output, batches, {.clip_norm = 0.5});
  EXPECT_DOUBLE_EQ(by_norm.grad_norm, 4) << "the norm before clipping";
  EXPECT_TRUE(near(line.w.value(), Shape(), {1.5}, {1e-6, 0}));
  const StepResult by_value =
      train_step(line, optimizer, mean_output, batches, {.clip_value = 0.25, .watch_norm = true});
  EXPECT_DOUBLE_EQ(by_value.grad_norm, 0.25);
  EXPECT_TRUE(near(line.w.value(), Shape(), {1.25}, {1e-6, 0}));
}

TEST(Unit_07_3, ValuesAreCutBeforeTheNorm) {
  Line line;
  SGD optimizer({line.w}, {.lr = 1});
  const StepResult both =
      train_step(line, optimizer, mean_output, std::vector{batch_of({8})}, {.clip_norm = 0.5, .clip_value = 4});
  EXPECT_DOUBLE_EQ(both.grad_norm, 4) << "8 was cut to 4, whose norm is measured and cut to 0.5";
  EXPECT_TRUE(near(line.w.value(), Shape(), {1.5}, {1e-6, 0}));
}

// Two groups with one parameter each, gradients 3 and 4: the norm is 5, whoever belongs to which group.
TEST(Unit_07_3, EveryGroupIsMeasuredAndClipped) {
  struct Two : Module {
    Tensor v{Array::scalar(0), true}, w{Array::scalar(0), true};
    Tensor forward(const Tensor& x) override { return v * x * Real{3} + w * x * Real{4}; }
    void members(Members& m) override {
      m("v", v);
      m("w", w);
    }
  };
  const std::vector<Batch> batches = {batch_of({1})};
  const auto expect_step = [&](const StepLimits& limits, double norm, double v, double w) {
    Two model;
    SGD optimizer({{.parameters = {model.v}, .options = {.lr = 1}}, {.parameters = {model.w}, .options = {.lr = 1}}});
    EXPECT_DOUBLE_EQ(train_step(model, optimizer, mean_output, batches, limits).grad_norm, norm);
    EXPECT_TRUE(near(model.v.value(), Shape(), {-v}, {1e-6, 0}));
    EXPECT_TRUE(near(model.w.value(), Shape(), {-w}, {1e-6, 0}));
  };
  expect_step(watched, 5, 3, 4);
  expect_step({.clip_norm = 1}, 5, 0.6, 0.8);
  expect_step({.clip_value = 2}, 0, 2, 2);
}

TEST(Unit_07_3, TheNormIsMeasuredOnDemand) {
  static int walks;
  walks = 0;
  sum_of_squares_slot.install(Device::cpu, {[](const Array& x) {
                                ++walks;
                                return plain_sum_of_squares(x);
                              }});
  Line line;
  SGD optimizer({line.w}, {.lr = 0.5});
  const std::vector<Batch> batches = {batch_of({1, 3})};
  EXPECT_EQ(train_step(line, optimizer, mean_output, batches).grad_norm, 0);
  EXPECT_EQ(walks, 0) << "nobody asked for it, and it reads every gradient";
  EXPECT_DOUBLE_EQ(train_step(line, optimizer, mean_output, batches, watched).grad_norm, 2);
  EXPECT_EQ(walks, 1);
  sum_of_squares_slot.remove(Device::cpu);
}

// The whole point of accumulation: what a graph holds on to is there for one batch, not for all.
TEST(Unit_07_3, OneGraphLivesAtATime) {
  struct Holding : Module {
    Tensor w{Array::scalar(2), true};
    std::vector<std::weak_ptr<int>> held;
    std::vector<std::ptrdiff_t> alive;  // of the graphs before, at each forward pass
    Tensor forward(const Tensor& x) override {
      alive.push_back(std::count_if(held.begin(), held.end(), [](const auto& each) { return !each.expired(); }));
      const auto mine = std::make_shared<int>(0);
      held.push_back(mine);
      return record("holding", x.value() * w.value(), {w}, Save::nothing,
                    [mine, x = x.value()](const Backward& bw) -> Arrays { return {bw.grad * x}; });
    }
    void members(Members& m) override { m("w", w); }
  } model;
  SGD optimizer({model.w}, {.lr = 0.5});
  train_step(model, optimizer, mean_output, std::vector{batch_of({1, 3}), batch_of({5}), batch_of({7, 9})});
  EXPECT_EQ(model.alive, (std::vector<std::ptrdiff_t>{0, 0, 0}));
}

TEST(Unit_07_3, NothingToLearnFromIsAnError) {
  Line line;
  SGD optimizer({line.w}, {.lr = 1});
  EXPECT_THROWS_WITH(train_step(line, optimizer, mean_output, {}), ValueError);
  const std::vector<Batch> batches = {batch_of({})};
  EXPECT_THROWS_WITH(train_step(line, optimizer, mean_output, batches), ValueError);
}

TEST(Unit_07_3, ABrokenLossMovesNothing) {
  for (const Real bad : {std::numeric_limits<Real>::quiet_NaN(), std::numeric_limits<Real>::infinity()}) {
    Line line;
    SGD optimizer({line.w}, {.lr = 1});
    const std::vector<Batch> batches = {batch_of({1}), batch_of({bad})};
    EXPECT_THROWS_WITH(train_step(line, optimizer, mean_output, batches), ValueError, "loss", "AnomalyMode");
    EXPECT_TRUE(near(line.w.value(), Shape(), {2}, exactly));
  }
}

TEST(Unit_07_3, ABrokenGradientMovesNothing) {
  // The loss is finite, its derivative at 0 is not.
  struct Root : Module {
    Tensor w{Array::scalar(0), true};
    Tensor forward(const Tensor&) override { return sqrt(w); }
    void members(Members& m) override { m("w", w); }
  };
  for (const StepLimits limits : {watched, StepLimits{.clip_norm = 1}}) {
    Root root;
    SGD optimizer({root.w}, {.lr = 1});
    const std::vector<Batch> batches = {batch_of({1})};
    EXPECT_THROWS_WITH(train_step(root, optimizer, mean_output, batches, limits), ValueError, "norm", "inf");
    EXPECT_TRUE(near(root.w.value(), Shape(), {0}, exactly));
  }
}

TEST(GradientFlow_07_3, AccumulatedGradientIsThatOfTheWholeBatch) {
  const Array x = randn({7, 2}, 5);
  const Indices labels({7}, {0, 1, 1, 0, 1, 0, 0});
  const auto part = [&](std::int64_t from, std::int64_t to) {
    const auto l = labels.data();
    return Batch{slice(x, 0, {.start = from, .stop = to}), Indices({to - from}, {l.begin() + from, l.begin() + to})};
  };
  Sequential whole = small_net(), parts = small_net();
  SGD one(whole.parameters(), {.lr = 0.1}), other(parts.parameters(), {.lr = 0.1});
  const std::vector<Batch> all = {part(0, 7)}, split = {part(0, 3), part(3, 6), part(6, 7)};
  const StepResult expected = train_step(whole, one, classify, all, watched);
  const StepResult actual = train_step(parts, other, classify, split, watched);
  EXPECT_NEAR(actual.loss, expected.loss, 1e-6);
  EXPECT_NEAR(actual.grad_norm, expected.grad_norm, 1e-6);
  for (std::size_t p = 0; p < whole.parameters().size(); ++p) {
    const Tensor a = parts.parameters()[p], e = whole.parameters()[p];
    EXPECT_TRUE(grad_ok(a.grad(), a.shape()));
    EXPECT_TRUE(near(a.grad(), e.grad(), gradient_tolerance)) << "parameter " << p;
    EXPECT_TRUE(near(a.value(), e.value(), gradient_tolerance)) << "parameter " << p;
  }
}

TEST(GradientFlow_07_3, ASecondBatchAddsItsOwnGradient) {
  // g(first and second) · 2 - g(first) = g(second), for batches of one size
  const auto gradients_after = [](const std::vector<Batch>& batches) {
    Sequential net = small_net();
    SGD optimizer(net.parameters(), {.lr = 0});
    train_step(net, optimizer, classify, batches);
    Arrays grads;
    for (const Tensor& p : net.parameters()) grads.push_back(p.grad());
    return grads;
  };
  const Batch first{randn({3, 2}, 1), Indices({3}, {0, 1, 0})}, second{randn({3, 2}, 2), Indices({3}, {1, 1, 0})};
  const Arrays one = gradients_after({first}), two = gradients_after({second}), both = gradients_after({first, second});
  for (std::size_t p = 0; p < both.size(); ++p) {
    EXPECT_TRUE(near(both[p] * 2 - one[p], two[p], {1e-4, 1e-6})) << "parameter " << p;
  }
}

}  // namespace
}  // namespace rushlight::test
