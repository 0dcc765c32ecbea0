// What module 04 gives beside its own losses (more.hpp). Golden numbers were computed from the formulas in Python's doubles,
// from log p as log(exp(x) / Σ exp(x)), row by row.
#include "04_losses/more.hpp"

#include <cmath>

#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

const Function l1 = [](const Tensors& in) { return l1_loss(in[0], in[1], Reduction::none); };

TEST(Integration_04, L1IsTheDistance) {
  const Array x({3}, {1, -2, Real(0.5)}), t({3}, {3, -2, 0});
  EXPECT_TRUE(near(l1(Tensors{x, t}).value(), {3}, {2, 0, 0.5}));
  EXPECT_TRUE(near(l1_loss(x, t).value(), Shape(), {2.5 / 3}));
  EXPECT_TRUE(near(l1_loss(x, t, Reduction::sum).value(), Shape(), {2.5}));
  EXPECT_TRUE(near(l1_loss(zeros({0}), zeros({0})).value(), Shape(), {nan}));
  EXPECT_TRUE(near(tape_gradients(l1, {ones({1}), ones({1})}).at(0), {1}, {0})) << "0 at 0";
  expect_gradients(l1, {Array({2}, {1, -2}), Array({2}, {3, Real(0.5)})});
  EXPECT_THROWS_WITH(l1_loss(x, ones({3, 1})), ShapeError, "l1_loss", "(3, 1)");
}

TEST(Integration_04, SmoothL1IsHuberOverBeta) {
  const Array x({4}, {Real(0.25), 3, Real(-0.5), 0}), t = zeros({4});
  const auto with = [&](Real beta) {
    return smooth_l1_loss(x, t, {.beta = beta, .reduction = Reduction::none}).value();
  };
  EXPECT_TRUE(near(with(1), {4}, {0.03125, 2.5, 0.125, 0}));
  EXPECT_TRUE(near(with(Real(0.5)), {4}, {0.0625, 2.75, 0.25, 0}));
  EXPECT_TRUE(near(with(0), {4}, {0.25, 3, 0.5, 0}));
  EXPECT_TRUE(near(smooth_l1_loss(x, t).value(), Shape(), {2.65625 / 4}));
  EXPECT_TRUE(near(smooth_l1_loss(x, t, {.reduction = Reduction::sum}).value(), Shape(), {2.65625}));
  expect_gradients(
      [](const Tensors& in) {
        return smooth_l1_loss(in[0], in[1], {.beta = Real(0.75), .reduction = Reduction::none});
      },
      {Array({3}, {Real(0.25), 2, -2}), Array({3}, {Real(-0.125), Real(0.5), Real(0.25)})});
  EXPECT_THROWS_WITH(with(-1), ValueError, "beta", "-1");
  EXPECT_THROWS_WITH(with(nan), ValueError, "beta");
  EXPECT_THROWS_WITH(smooth_l1_loss(x, ones({2})), ShapeError, "smooth_l1_loss");
}

Array log_of(const Array& x) {
  Array out = x.clone();
  for (Real& value : out.mutable_data()) value = std::log(value);
  return out;
}

TEST(Integration_04, KlDivInItsFourReductions) {
  const Array p({2, 3}, {Real(0.2), Real(0.3), Real(0.5), Real(0.1), Real(0.6), Real(0.3)}), log_p = log_of(p);
  const Array t({2, 3}, {Real(0.25), Real(0.25), Real(0.5), 0, Real(0.7), Real(0.3)});
  const double total = 0.1181109745091446;
  const Tolerance loose = double_precision ? value_tolerance : Tolerance{1e-6, 2e-7};  // differences of numbers near 1
  EXPECT_TRUE(near(kl_div(log_p, t, {.reduction = KlReduction::none}).value(), {2, 3},
                   {0.05578588782855243, -0.04558038919848861, 0, 0, 0.10790547587908078, 0}, loose));
  EXPECT_TRUE(near(kl_div(log_p, t).value(), Shape(), {total / 6}, loose));
  EXPECT_TRUE(near(kl_div(log_p, t, {.reduction = KlReduction::sum}).value(), Shape(), {total}, loose));
  EXPECT_TRUE(near(kl_div(log_p, t, {.reduction = KlReduction::batchmean}).value(), Shape(), {total / 2}, loose));
  const KlDivOptions logs{.reduction = KlReduction::sum, .log_target = true};
  EXPECT_TRUE(near(
      kl_div(log_p, log_of(t.with_shape({6})).with_shape({2, 3}), {.reduction = KlReduction::none, .log_target = true})
          .value(),
      {2, 3}, {0.05578588782855243, -0.04558038919848861, 0, nan, 0.10790547587908078, 0}, loose))
      << "0 · -inf, as in PyTorch";
  EXPECT_TRUE(near(kl_div(log_p, log_p, logs).value(), Shape(), {0}));
  EXPECT_TRUE(near(kl_div(zeros({0, 2}), zeros({0, 2}), {.reduction = KlReduction::batchmean}).value(), Shape(), {0}));
  EXPECT_THROWS_WITH(kl_div(log_p, ones({3})), ShapeError, "kl_div", "(3,)");
  EXPECT_THROWS_WITH(kl_div(Tensor(0), Tensor(1), {.reduction = KlReduction::batchmean}), ShapeError, "batchmean");
}

TEST(Integration_04, KlDivHandsGradientsToBoth) {
  const Array x = uniform({2, 3}, 1, -2, -0.2), t = uniform({2, 3}, 2, 0.2, 0.8);
  const KlDivOptions none{.reduction = KlReduction::none};
  expect_gradients([none](const Tensors& in) { return kl_div(in[0], in[1], none); }, {x, t});
  expect_gradients(
      [](const Tensors& in) { return kl_div(in[0], in[1], {.reduction = KlReduction::batchmean, .log_target = true}); },
      {x, uniform({2, 3}, 3, -2, -0.2)});
  const Arrays at_zero =
      tape_gradients([none](const Tensors& in) { return kl_div(in[0], in[1], none); }, {Array({1}, {-3}), zeros({1})});
  EXPECT_TRUE(near(at_zero.at(1), {1}, {3 * double(cotangent({1}).data()[0])}));
}

TEST(Integration_04, SoftplusOnBothSides) {
  const Array x({4}, {-30, -2, 0, 3});
  EXPECT_TRUE(near(softplus(x).value(), {4},
                   {9.357622968839737e-14, 0.1269280110429725, 0.6931471805599453, 3.048587351573742},
                   {double_precision ? 1e-12 : 1e-6, 0}));
  EXPECT_TRUE(near(softplus(Array({1}, {Real(1.5)}), 2).value(), {1}, {1.524293675786871}));
  EXPECT_TRUE(near(softplus(Array({2}, {25, 2}), 1, 1).value(), {2}, {25, 2}, exactly)) << "above the threshold";
  EXPECT_TRUE(near(softplus(Array({1}, {3}), 2, 4).value(), {1}, {3}, exactly)) << "2 times 3 is above it";
  EXPECT_TRUE(near(softplus(Array({1}, {6}), Real(0.5), 4).value(), {1}, {6.097174703147484})) << "6 halves are not";
  EXPECT_TRUE(near(softplus(Array({3}, {inf, -inf, nan})).value(), {3}, {INFINITY, 0, nan}, exactly));
  EXPECT_TRUE(near(softplus(zeros({0})).value(), {0}, {}, exactly));
  expect_gradients([](const Tensors& in) { return softplus(in[0], Real(1.5), 3); },
                   {Array({4}, {-3, Real(0.5), 1, 4})});
  EXPECT_TRUE(grad_ok(
      tape_gradients([](const Tensors& in) { return softplus(in[0]); }, {Array({2}, {1000, -1000})}).at(0), {2}));
  EXPECT_THROWS_WITH(softplus(x, 0), ValueError, "beta");
}

Array logits() { return Array({3, 3}, {1, 2, Real(0.5), -1, 0, 1, Real(0.3), Real(0.1), -2}); }
Array log_probs() {
  return Array({3, 3}, {Real(-1.4643687841079447), Real(-0.4643687841079447), Real(-1.9643687841079447),
                        Real(-2.4076059644443806), Real(-1.4076059644443804), Real(-0.40760596444438035),
                        Real(-0.6517987958544254), Real(-0.8517987958544253), Real(-2.951798795854425)});
}
Array weights() { return Array({3}, {Real(0.5), 2, 3}); }
const Indices labels({3}, {2, 0, 1}), with_ignored({3}, {2, -100, 1});

TEST(Integration_04, WeightedNllDividesByTheWeights) {
  const auto loss = [](const Indices& y, Reduction reduction) {
    return nll_loss(log_probs(), y, weights(), {.reduction = reduction}).value();
  };
  EXPECT_TRUE(near(loss(labels, Reduction::none), {3}, {5.893106352323834, 1.2038029822221903, 1.7035975917088506}));
  EXPECT_TRUE(near(loss(labels, Reduction::sum), Shape(), {8.800506926254874}));
  EXPECT_TRUE(near(loss(labels, Reduction::mean), Shape(), {1.6000921684099771}));
  EXPECT_TRUE(near(loss(with_ignored, Reduction::mean), Shape(), {1.519340788806537}));
  EXPECT_TRUE(near(loss(with_ignored, Reduction::none), {3}, {5.893106352323834, 0, 1.7035975917088506}));
  EXPECT_TRUE(near(loss(Indices({3}, {-100, -100, -100}), Reduction::mean), Shape(), {nan}));
  EXPECT_TRUE(near(nll_loss(log_probs(), labels, zeros({3})).value(), Shape(), {nan})) << "weights that add up to 0";
  EXPECT_TRUE(near(nll_loss(log_probs(), labels, Array()).value(), nll_loss(log_probs(), labels).value(), exactly));
  EXPECT_THROWS_WITH(nll_loss(log_probs(), labels, ones({2})), ShapeError, "nll_loss", "weight", "(2,)", "(3,)");
  EXPECT_THROWS_WITH(nll_loss(log_probs(), Indices({3}, {2, 3, 0}), weights()), IndexError, "3");
}

TEST(Integration_04, WeightedCrossEntropyWithSmoothing) {
  const auto loss = [](const Indices& y, Reduction reduction, double s) {
    return cross_entropy(logits(), y, weights(), {.label_smoothing = static_cast<Real>(s), .reduction = reduction})
        .value();
  };
  EXPECT_TRUE(near(loss(labels, Reduction::mean, 0), Shape(), {1.6000921684099771}));
  EXPECT_TRUE(
      near(loss(labels, Reduction::none, 0.1), {3}, {5.555596660844573, 1.2581504441481075, 1.8960676117779436}));
  EXPECT_TRUE(near(loss(labels, Reduction::sum, 0.1), Shape(), {8.709814716770625}));
  EXPECT_TRUE(near(loss(labels, Reduction::mean, 0.1), Shape(), {1.5836026757764772}));
  EXPECT_TRUE(near(loss(with_ignored, Reduction::mean, 0.1), Shape(), {1.4903328545245034}));
  EXPECT_TRUE(near(cross_entropy(logits(), labels, Array()).value(), cross_entropy(logits(), labels).value(), exactly));
  EXPECT_TRUE(
      near(cross_entropy(Array({1, 2}, {-inf, 0}), Indices({1}, {1}), ones({2})).value(), Shape(), {0}, exactly));
  EXPECT_THROWS_WITH(loss(labels, Reduction::mean, 1.5), ValueError, "label_smoothing", "1.5");
  EXPECT_THROWS_WITH(loss(labels, Reduction::mean, NAN), ValueError, "label_smoothing");
  EXPECT_THROWS_WITH(cross_entropy(logits(), labels, ones({3, 1})), ShapeError, "cross_entropy", "(3, 1)");
}

TEST(Integration_04, WeightedLossesHandGradientsOn) {
  for (const Real smoothing : {Real(0), Real(0.2)}) {
    const CrossEntropyOptions options{.label_smoothing = smoothing, .reduction = Reduction::none};
    expect_gradients([&](const Tensors& in) { return cross_entropy(in[0], labels, weights(), options); }, {logits()});
    expect_gradients(
        [&](const Tensors& in) {
          return cross_entropy(in[0], with_ignored, weights(), {.label_smoothing = smoothing});
        },
        {logits()});
    Array broken = logits();
    for (int i = 3; i < 6; ++i) broken.mutable_data()[i] = nan;
    const Array g =
        tape_gradients([&](const Tensors& in) { return cross_entropy(in[0], with_ignored, weights(), options); },
                       {broken})
            .at(0);
    EXPECT_TRUE(grad_ok(g, {3, 3})) << "an ignored row's NaN stays where it is";
    for (int i = 3; i < 6; ++i) EXPECT_EQ(g.data()[i], 0);
  }
  expect_gradients([](const Tensors& in) { return nll_loss(in[0], labels, weights()); }, {log_probs()});
}

}  // namespace
}  // namespace rushlight::test
