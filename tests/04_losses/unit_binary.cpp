#include "04_losses/loss_checks.hpp"

namespace rushlight::test {
namespace {

double bce(double p, double t) { return -(t * std::log(p) + (1 - t) * std::log1p(-p)); }
double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }
double logits_bce(double x, double t, double weight) { return (1 - t) * x + (1 + (weight - 1) * t) * softplus(-x); }

}  // namespace

TEST(Unit_04_3, BceByHand) {
  const Array p({2, 2}, {0.5, 0.25, 0.25, 0.75});
  const Array t({2, 2}, {1, 0, 1, 0.5});
  const Doubles expected{std::log(2.0), std::log(4.0 / 3), std::log(4.0), bce(0.75, 0.5)};
  expect_reductions([&](Reduction r) { return bce_loss(p, t, r); }, {2, 2}, expected, 4);
  EXPECT_TRUE(near(bce_loss(p, t).value(), Shape{}, {(expected[0] + expected[1] + expected[2] + expected[3]) / 4}));
}

TEST(Unit_04_3, BceClampsItsLogs) {  // sure and right costs nothing, sure and wrong 100: not infinity, not NaN
  const Array p({4}, {0, 0, 1, 1});
  const Array t({4}, {0, 1, 0, 1});
  EXPECT_TRUE(near(bce_loss(p, t, Reduction::none).value(), {4}, {0, 100, 100, 0}, exactly));
}

TEST(Unit_04_3, BceKeepsTheDigitsOfATinyProbability) {
  const Array p({2}, {static_cast<Real>(1e-10), static_cast<Real>(1e-30)});
  EXPECT_TRUE(near(bce_loss(p, zeros({2}), Reduction::none).value(), {2}, {1e-10, 1e-30}, {1e-6, 0}));
  EXPECT_TRUE(near(bce_loss(p, ones({2}), Reduction::none).value(), {2}, {-std::log(1e-10), -std::log(1e-30)}));
}

TEST(Unit_04_3, BceTakesOnlyProbabilities) {
  const Array t = zeros({3});
  EXPECT_THROWS_WITH(bce_loss(Array({8}, {0, 1, 0.5, 0, 0.25, 1, 1.5, 2}), zeros({8})), ValueError, "6", "1.5");
  EXPECT_THROWS_WITH(bce_loss(Array({3}, {-0.25, 0, 0}), t), ValueError, "-0.25");
  const Real above = std::nextafter(Real{1}, Real{2}), below = -std::numeric_limits<Real>::min();
  EXPECT_THROW(bce_loss(Array({3}, {0, above, 0}), t), ValueError);
  EXPECT_THROW(bce_loss(Array({3}, {0, 1, below}), t), ValueError);
  EXPECT_THROWS_WITH(bce_loss(Array({3, 1}), t), ShapeError, "(3, 1)", "(3,)");
}

TEST(Unit_04_3, BceLetsNaNThrough) {
  const Array p = array_from({2}, {not_a_number, 0.5});
  EXPECT_TRUE(near(bce_loss(p, ones({2}), Reduction::none).value(), {2}, {not_a_number, std::log(2.0)}));
}

TEST(Unit_04_3, LogitsByHand) {
  const Array x = array_from({4}, {0, std::log(3.0), -std::log(3.0), 2});
  const Array t({4}, {1, 1, 1, 0});
  expect_reductions([&](Reduction r) { return bce_with_logits_loss(x, t, {.reduction = r}); }, {4},
                    {std::log(2.0), std::log(4.0 / 3), std::log(4.0), softplus(2)}, 4);
}

TEST(Unit_04_3, LogitsGolden) {  // with target 0 the loss is softplus
  const nlohmann::json all = golden("activations_norms.json").at("elementwise");
  const Array x = array_of(all.at("x"));
  const Tensor loss = bce_with_logits_loss(x, zeros(x.shape()), {.reduction = Reduction::none});
  EXPECT_TRUE(near(loss.value(), x.shape(), values_of(all.at("softplus").at("y"))));
}

TEST(Unit_04_3, LogitsAgreeWithDoublePrecision) {
  const Array x = uniform({5, 7}, 21, -15, 15);
  const Array t = uniform({5, 7}, 22, 0, 1);
  Doubles expected;
  for (std::int64_t i = 0; i < x.size(); ++i) expected.push_back(logits_bce(x.data()[i], t.data()[i], 1));
  EXPECT_TRUE(near(bce_with_logits_loss(x, t, {.reduction = Reduction::none}).value(), {5, 7}, expected, {2e-5, 2e-6}));
}

TEST(Unit_04_3, LogitsKeepTheDigitsOfASureAnswer) {
  const Array x = array_from({6}, {7, 8.5, 9, 9.2, 9.3, 30});
  Doubles expected;
  for (const Real each : x.data()) expected.push_back(softplus(-static_cast<double>(each)));
  EXPECT_TRUE(
      near(bce_with_logits_loss(x, ones({6}), {.reduction = Reduction::none}).value(), {6}, expected, {1e-5, 0}));
}

TEST(Unit_04_3, LogitsOfHugeNumbers) {  // no clamp here: a logit of -10000 for a positive costs 10000
  const Array x({6}, {1e4, 1e4, -1e4, -1e4, 100, -100});
  const Array t({6}, {1, 0, 1, 0, 0, 1});
  EXPECT_TRUE(
      near(bce_with_logits_loss(x, t, {.reduction = Reduction::none}).value(), {6}, {0, 1e4, 1e4, 0, 100, 100}));
}

TEST(Unit_04_3, LogitsPosWeight) {
  const Array x({2, 3}, {0, 1, -1, 2, -2, 0.5});
  const Array t({2, 3}, {1, 1, 0, 0, 1, 0.5});
  const Array weight({3}, {3, 0.5, 2});
  Doubles expected;
  for (int i = 0; i < 6; ++i) expected.push_back(logits_bce(x.data()[i], t.data()[i], weight.data()[i % 3]));
  expect_reductions([&](Reduction r) { return bce_with_logits_loss(x, t, {.pos_weight = weight, .reduction = r}); },
                    {2, 3}, expected, 6);  // the mean divides by the count, not by the weights
}

TEST(Unit_04_3, PosWeightOfAnyShapeThatBroadcasts) {
  const Array x({2, 3}, {0, 1, -1, 2, -2, 0.5});
  const Array t({2, 3}, {1, 1, 0, 0, 1, 0.5});
  for (const Array& weight : {Array::scalar(3), Array({1}, {3}), Array({1, 1}, {3}), Array({2, 1}, {3, 3})}) {
    SCOPED_TRACE("pos_weight " + weight.shape().str());
    Doubles expected, slopes, target_slopes;
    for (int i = 0; i < 6; ++i) {
      const double u = x.data()[i], v = t.data()[i];
      expected.push_back(logits_bce(u, v, 3));
      slopes.push_back((1 - v) - (1 + 2 * v) / (1 + std::exp(u)));
      target_slopes.push_back(2 * softplus(-u) - u);
    }
    const BceWithLogitsOptions options{.pos_weight = weight, .reduction = Reduction::none};
    EXPECT_TRUE(near(bce_with_logits_loss(x, t, options).value(), {2, 3}, expected));
    const auto of_logits = [&](const Tensor& logits) { return bce_with_logits_loss(logits, t, options); };
    EXPECT_TRUE(near(gradient_of(of_logits, x), {2, 3}, slopes, gradient_tolerance));
    const auto of_target = [&](const Tensor& target) { return bce_with_logits_loss(x, target, options); };
    EXPECT_TRUE(near(gradient_of(of_target, t), {2, 3}, target_slopes, gradient_tolerance));
  }
}

TEST(Unit_04_3, LogitsErrors) {
  EXPECT_THROWS_WITH(bce_with_logits_loss(Array({3, 1}), Array(Shape{3})), ShapeError, "(3, 1)");
  EXPECT_THROWS_WITH(bce_with_logits_loss(Array({3, 2}), Array({3, 2}), {.pos_weight = Array(Shape{3})}), ShapeError,
                     "pos_weight", "(3,)", "(3, 2)");
  EXPECT_THROWS_WITH(bce_with_logits_loss(Array({1, 2}), Array({1, 2}), {.pos_weight = Array({3, 2})}), ShapeError,
                     "pos_weight", "(3, 2)", "(1, 2)");
}

TEST(Unit_04_3, LogitsLetNaNThrough) {
  const Array x = array_from({2}, {not_a_number, 0});
  EXPECT_TRUE(near(bce_with_logits_loss(x, ones({2}), {.reduction = Reduction::none}).value(), {2},
                   {not_a_number, std::log(2.0)}));
}

TEST(Unit_04_3, EmptyBatch) {
  const Tensor none(Array({0, 2}));
  EXPECT_TRUE(near(bce_loss(none, none).value(), Shape{}, {not_a_number}));
  EXPECT_TRUE(near(bce_with_logits_loss(none, none).value(), Shape{}, {not_a_number}));
  EXPECT_TRUE(near(bce_with_logits_loss(none, none, {.reduction = Reduction::sum}).value(), Shape{}, {0}, exactly));
}

TEST(Unit_04_3, GraphAndInputs) {
  const Tensor x(uniform({2, 2}, 23, 0.1, 0.9), true);
  const Array before = x.value().clone();
  const Array t = ones({2, 2});
  EXPECT_TRUE(bce_loss(x, t, Reduction::none).requires_grad());
  EXPECT_TRUE(bce_with_logits_loss(x, t, {.reduction = Reduction::none}).requires_grad());
  EXPECT_FALSE(bce_loss(x.value(), t).requires_grad());
  EXPECT_FALSE(bce_with_logits_loss(x.value(), t).requires_grad());
  EXPECT_TRUE(same_bits(x.value(), before));
}

}  // namespace rushlight::test
