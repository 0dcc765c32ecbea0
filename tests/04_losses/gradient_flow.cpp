// Every loss, every reduction, every input: against finite differences, against closed forms, and at the edges.
#include "04_losses/loss_checks.hpp"

namespace rushlight::test {
namespace {

// input - target keeps away from `corner` on both sides, where huber's second derivative jumps.
Arrays far_from(double corner) {
  Array x = uniform({3, 4}, 51, -2, 2);
  const Array t = zeros({3, 4});
  for (Real& value : x.mutable_data()) {
    if (std::abs(std::abs(value) - corner) < 0.05) value += static_cast<Real>(0.1);
  }
  return {x, t};
}

}  // namespace

TEST(GradientFlow_04_1, Mse) {
  expect_gradients_of_reductions([](const Tensors& in, Reduction r) { return mse_loss(in[0], in[1], r); },
                                 {randn({3, 4}, 52), randn({3, 4}, 53)});
}

TEST(GradientFlow_04_1, MseClosedForm) {  // 2 (x - t) / N
  const Array x({2, 2}, {1, 2, 3, 4});
  const Array t({2, 2}, {0, 2, 5, 1});
  EXPECT_TRUE(near(gradient_of([&](const Tensor& in) { return mse_loss(in, t); }, x), {2, 2}, {0.5, 0, -1, 1.5}));
  EXPECT_TRUE(near(gradient_of([&](const Tensor& in) { return mse_loss(x, in); }, t), {2, 2}, {-0.5, 0, 1, -1.5}));
}

TEST(GradientFlow_04_1, Huber) {
  for (const double delta : {0.5, 1.0}) {
    expect_gradients_of_reductions(
        [&](const Tensors& in, Reduction r) {
          return huber_loss(in[0], in[1], {.delta = static_cast<Real>(delta), .reduction = r});
        },
        far_from(delta));
  }
}

TEST(GradientFlow_04_1, HuberClosedForm) {  // d, but never beyond delta
  const Array x = array_from({6}, {-1e4, -2, -0.25, 0, 2, not_a_number});
  const Array dx = gradient_of(
      [](const Tensor& in) { return huber_loss(in, zeros({6}), {.delta = 0.5, .reduction = Reduction::sum}); }, x);
  EXPECT_TRUE(near(dx, {6}, {-0.5, -0.5, -0.25, 0, 0.5, not_a_number}, exactly));
}

TEST(GradientFlow_04_1, TheSameTensorTwice) {  // both paths arrive
  const Array dx =
      gradient_of([](const Tensor& in) { return mse_loss(in, in * Tensor(Real{3})); }, Array({2}, {1, -2}));
  EXPECT_TRUE(near(dx, {2}, {4, -8}));  // (x - 3x)² = 4x², 8x / 2
}

TEST(GradientFlow_04_2, LogSumExp) {
  for (int axis = -3; axis < 3; ++axis) {
    for (const bool keepdim : {false, true}) {
      SCOPED_TRACE(testing::Message() << "axis " << axis << " keepdim " << keepdim);
      expect_gradients([&](const Tensors& in) { return logsumexp(in[0], axis, keepdim); }, {randn({2, 3, 4}, 54)},
                       {.floor = 1e-3});
    }
  }
}

TEST(GradientFlow_04_2, LogSumExpClosedForm) {  // softmax
  const Array x = array_from({2, 2}, {0, std::log(3.0), 5, 5});
  const Array dx = gradient_of([](const Tensor& in) { return logsumexp(in); }, x, Array({2}, {1, 10}));
  EXPECT_TRUE(near(dx, {2, 2}, {0.25, 0.75, 5, 5}, gradient_tolerance));
}

TEST(GradientFlow_04_2, LogSumExpOfHugeNumbers) {
  const Array x({2, 2}, {1e4, -1e4, 1e4, 1e4});
  const auto whole = [](const Tensor& in) { return logsumexp(in); };
  EXPECT_TRUE(near(gradient_of(whole, x), {2, 2}, {1, 0, 0.5, 0.5}));
  const Array nothing = array_from({1, 2}, {-infinity, -infinity});
  EXPECT_TRUE(near(gradient_of(whole, nothing), {1, 2}, {not_a_number, not_a_number})) << "no share of nothing";
}

TEST(GradientFlow_04_3, Bce) {
  expect_gradients_of_reductions([](const Tensors& in, Reduction r) { return bce_loss(in[0], in[1], r); },
                                 {uniform({3, 4}, 55, 0.2, 0.8), uniform({3, 4}, 56, 0.1, 0.9)});
}

TEST(GradientFlow_04_3, BceClosedForm) {  // (p - t) / (p (1 - p))
  const Array t({4}, {1, 0, 0, 1});
  const Array dx =
      gradient_of([&](const Tensor& p) { return bce_loss(p, t, Reduction::sum); }, Array({4}, {0.5, 0.5, 0.25, 0.75}));
  EXPECT_TRUE(near(dx, {4}, {-2, 2, 4.0 / 3, -4.0 / 3}, gradient_tolerance));
}

TEST(GradientFlow_04_3, BceAtTheEnds) {  // the denominator is at least 1e-12: huge, but finite
  const Array t({4}, {0, 1, 0, 1});
  const Array dx =
      gradient_of([&](const Tensor& p) { return bce_loss(p, t, Reduction::sum); }, Array({4}, {0, 0, 1, 1}));
  EXPECT_TRUE(near(dx, {4}, {0, -1e12, 1e12, 0}, {1e-5, 0}));
  const auto of_one = [](const Tensor& p) { return bce_loss(p, ones({1}), Reduction::sum); };
  EXPECT_TRUE(near(gradient_of(of_one, array_from({1}, {1e-12})), {1}, {-1e12}, {1e-5, 0}))
      << "it is not raised by 1e-12";
  const Array ends({2}, {0, 1});  // log(1 - p) - log p, each log at least -100
  const auto of_target = [&](const Tensor& target) { return bce_loss(ends, target, Reduction::sum); };
  EXPECT_TRUE(near(gradient_of(of_target, array_from({2}, {0.5, 0.5})), {2}, {100, -100}));
}

TEST(GradientFlow_04_3, BceWithLogits) {
  const Array weight({4}, {0.5, 1, 2, 3});
  expect_gradients_of_reductions(
      [&](const Tensors& in, Reduction r) { return bce_with_logits_loss(in[0], in[1], {.reduction = r}); },
      {uniform({3, 4}, 57, 0.2, 2), uniform({3, 4}, 58, 0.1, 0.9)});
  expect_gradients_of_reductions(
      [&](const Tensors& in, Reduction r) {
        return bce_with_logits_loss(in[0], in[1], {.pos_weight = weight, .reduction = r});
      },
      {randn({3, 4}, 59), uniform({3, 4}, 60, 0.1, 0.9)});
}

TEST(GradientFlow_04_3, LogitsGolden) {  // with target 0 the derivative is the sigmoid
  const nlohmann::json all = golden("activations_norms.json").at("elementwise");
  const Array x = array_of(all.at("x"));
  const Array dx = gradient_of(
      [&](const Tensor& in) { return bce_with_logits_loss(in, zeros(x.shape()), {.reduction = Reduction::sum}); }, x);
  EXPECT_TRUE(near(dx, x.shape(), values_of(all.at("sigmoid").at("y")), gradient_tolerance));
}

TEST(GradientFlow_04_3, LogitsOfHugeNumbers) {  // sigmoid(x) - t, however large x is
  const Array t({5}, {1, 0, 1, 0, 1});
  const Array x = array_from({5}, {1e4, 1e4, -1e4, -1e4, not_a_number});
  const Array dx =
      gradient_of([&](const Tensor& in) { return bce_with_logits_loss(in, t, {.reduction = Reduction::sum}); }, x);
  EXPECT_TRUE(near(dx, {5}, {0, 1, -1, 0, not_a_number}));
  const auto of_a_positive = [](const Tensor& in) { return bce_with_logits_loss(in, ones({1})); };
  const double rest = 1 / (1 + std::exp(20.0));  // sigmoid(20) - 1, with all its digits
  EXPECT_TRUE(near(gradient_of(of_a_positive, array_from({1}, {20})), {1}, {-rest}, {1e-5, 0}));
}

TEST(GradientFlow_04_4, Nll) {
  const Indices labels({2, 3}, {0, 3, skip, 1, 1, 2});
  expect_gradients_of_reductions(
      [&](const Tensors& in, Reduction r) { return nll_loss(in[0], labels, {.reduction = r}); },
      {randn({2, 3, 4}, 61)});
}

TEST(GradientFlow_04_4, NllClosedForm) {
  const Indices labels({3}, {1, skip, 0});
  const Array dx = gradient_of([&](const Tensor& in) { return nll_loss(in, labels); }, zeros({3, 2}));
  EXPECT_TRUE(near(dx, {3, 2}, {0, -0.5, 0, 0, -0.5, 0}, exactly));
}

TEST(GradientFlow_04_4, NothingCountsNothingFlows) {  // the loss is NaN, but the gradient is 0
  const Indices ignored({2}, {skip, skip});
  const Array dx = gradient_of([&](const Tensor& in) { return nll_loss(in, ignored); }, zeros({2, 3}));
  EXPECT_TRUE(near(dx, {2, 3}, Doubles(6, 0), exactly));
  const Array none = gradient_of([&](const Tensor& in) { return nll_loss(in, Indices(Shape{0})); }, Array({0, 3}));
  EXPECT_EQ(none.shape(), (Shape{0, 3}));
}

TEST(GradientFlow_04_5, CrossEntropy) {
  const Indices labels({2, 3}, {0, 3, skip, 1, 1, 2});
  for (const double smoothing : {0.0, 0.2, 1.0}) {
    expect_gradients_of_reductions(
        [&](const Tensors& in, Reduction r) {
          return cross_entropy(in[0], labels, {.label_smoothing = static_cast<Real>(smoothing), .reduction = r});
        },
        {randn({2, 3, 4}, 62)});
  }
}

TEST(GradientFlow_04_5, CrossEntropyClosedForm) {  // (p - onehot) / N
  const Array x = array_from({2, 2}, {0, std::log(3.0), 5, 5});
  const Indices labels({2}, {0, 1});
  EXPECT_TRUE(near(gradient_of([&](const Tensor& in) { return cross_entropy(in, labels); }, x), {2, 2},
                   {-0.375, 0.375, 0.25, -0.25}, gradient_tolerance));
  const Array smooth = gradient_of(
      [&](const Tensor& in) {
        return cross_entropy(in, labels, {.label_smoothing = 0.5, .reduction = Reduction::sum});
      },
      x);
  EXPECT_TRUE(near(smooth, {2, 2}, {-0.5, 0.5, 0.25, -0.25}, gradient_tolerance));
}

TEST(GradientFlow_04_5, CrossEntropyRowsAddUpToZero) {
  const Indices labels({4}, {0, 4, 2, 2});
  const Array dx = gradient_of(
      [&](const Tensor& in) {
        return cross_entropy(in, labels, {.label_smoothing = 0.3, .reduction = Reduction::none});
      },
      randn({4, 5}, 63), cotangent({4}));
  for (int row = 0; row < 4; ++row) {
    double total = 0;
    for (int i = 0; i < 5; ++i) total += dx.data()[row * 5 + i];
    EXPECT_NEAR(total, 0, 1e-6) << "row " << row;
  }
}

// At 10000 a float is 0.001 away from the next: row_max and log_sum must not be added together before the exp.
TEST(GradientFlow_04_5, CrossEntropyOfHugeNumbers) {
  const Array x({4, 3}, {1e4, -1e4, 0, 1e4, -1e4, 0, 1e4, 1e4, 1e4, -1e4, -1e4, -1e4});
  const Indices labels({4}, {0, 1, 0, 2});
  const Array dx =
      gradient_of([&](const Tensor& in) { return cross_entropy(in, labels, {.reduction = Reduction::sum}); }, x);
  const double third = 1.0 / 3;
  EXPECT_TRUE(near(dx, {4, 3}, {0, 0, 0, 1, -1, 0, third - 1, third, third, third, third, third - 1}));
}

TEST(GradientFlow_04_5, IgnoredRowsGetExactlyNothing) {  // even where their logits are broken
  const Array x = array_from({4, 2}, {1, 2, not_a_number, 0, infinity, infinity, 3, 3});
  const Indices labels({4}, {0, skip, skip, 1});
  const Array dx = gradient_of([&](const Tensor& in) { return cross_entropy(in, labels); }, x);
  const double p = 1 / (1 + std::exp(1.0));
  EXPECT_TRUE(near(dx, {4, 2}, {(p - 1) / 2, (1 - p) / 2, 0, 0, 0, 0, 0.25, -0.25}, gradient_tolerance));
}

// Whichever label it is that does not count: a class, or a number that is none.
TEST(GradientFlow_04_5, TheIgnoredLabelIsTheOneOfTheOptions) {
  const Array x = randn({3, 4}, 65);
  for (const std::int32_t ignored : {2, -1, 4, 1000}) {
    const auto of_three = [&](const Tensor& in) {
      return cross_entropy(in, Indices({3}, {1, ignored, 3}),
                           {.ignore_index = ignored, .label_smoothing = 0.25, .reduction = Reduction::sum});
    };
    const auto of_two = [&](const Tensor& in) {
      return cross_entropy(in, Indices({3}, {1, skip, 3}), {.label_smoothing = 0.25, .reduction = Reduction::sum});
    };
    EXPECT_TRUE(same_bits(gradient_of(of_three, x), gradient_of(of_two, x))) << "ignore_index " << ignored;
  }
}

TEST(GradientFlow_04_5, NothingCountsNothingFlows) {
  const Indices ignored({2}, {skip, skip});
  const Array dx = gradient_of([&](const Tensor& in) { return cross_entropy(in, ignored); }, randn({2, 3}, 64));
  EXPECT_TRUE(near(dx, {2, 3}, Doubles(6, 0), exactly));
}

TEST(GradientFlow_04_5, CrossEntropyReportsNaN) {  // in the row that is broken, and only there
  const Array x = array_from({2, 2}, {not_a_number, 0, 3, 3});
  const Array dx = gradient_of(
      [&](const Tensor& in) {
        return cross_entropy(in, Indices({2}, {1, 0}), {.reduction = Reduction::sum});
      },
      x);
  EXPECT_TRUE(near(dx, {2, 2}, {not_a_number, not_a_number, -0.5, 0.5}));
}

}  // namespace rushlight::test
