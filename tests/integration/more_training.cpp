// What module 07 gives beside its own (more.hpp): norms worked out by hand, rates from the formulas in Python's doubles.
#include "07_training/more.hpp"

#include <cmath>

#include "06_optimizers/sgd.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

Tensor with_gradient(const Array& grad) {
  Tensor x(zeros(grad.shape()), true);
  x.set_grad(grad);
  return x;
}

// Gradients 3, -4 and 12; and one that nothing has reached.
Tensors three_four_twelve() {
  return {with_gradient(Array({2}, {3, -4})), Tensor(zeros({2}), true), with_gradient(Array({1}, {12}))};
}

TEST(Integration_07, NormsOfOneTwoThreeAndInfinity) {
  const Tensors p = three_four_twelve();
  EXPECT_NEAR(grad_norm(p, 1), 19, 1e-12);
  EXPECT_NEAR(grad_norm(p, 2), 13, 1e-12);
  EXPECT_NEAR(grad_norm(p, 3), std::cbrt(27 + 64 + 1728), 1e-9);
  EXPECT_EQ(grad_norm(p, infinity), 12);
  EXPECT_EQ(grad_norm({with_gradient(Array({2}, {1, -5}))}, infinity), 5) << "the size counts, not the sign";
  EXPECT_EQ(grad_norm({}, 1), 0);
  EXPECT_EQ(grad_norm({}, infinity), 0);
  const Tensors broken{with_gradient(Array({3}, {1, static_cast<Real>(NAN), 2}))};
  EXPECT_TRUE(std::isnan(grad_norm(broken, infinity)));
  EXPECT_TRUE(std::isnan(grad_norm(broken, 1)));
  EXPECT_THROWS_WITH(grad_norm(p, 0), ValueError, "norm_type", "0");
  EXPECT_THROWS_WITH(grad_norm(p, NAN), ValueError, "norm_type");
}

TEST(Integration_07, ClippingByOtherNorms) {
  for (const auto& [norm_type, norm] : {std::pair{1.0, 19.0}, std::pair{infinity, 12.0}}) {
    const Tensors p = three_four_twelve();
    const Array before = p[0].grad();
    EXPECT_NEAR(clip_grad_norm(p, 2, norm_type), norm, 1e-12);
    const double factor = 2 / (norm + 1e-6);  // as torch's
    EXPECT_TRUE(near(p[0].grad(), {2}, {3 * factor, -4 * factor}, gradient_tolerance));
    EXPECT_TRUE(near(p[2].grad(), {1}, {12 * factor}, gradient_tolerance));
    EXPECT_FALSE(p[1].grad().defined());
    EXPECT_EQ(before.data()[0], 3) << "the old array is somebody else's";
  }
}

TEST(Integration_07, ClippingLeavesAloneWhatIsShortOrBroken) {
  const Tensors p = three_four_twelve();
  const Array before = p[0].grad();
  EXPECT_EQ(clip_grad_norm(p, 12.5, infinity), 12);
  EXPECT_TRUE(p[0].grad().shares_buffer_with(before));
  EXPECT_THROWS_WITH(clip_grad_norm(p, 0, 1), ValueError, "max_norm");
  EXPECT_THROWS_WITH(clip_grad_norm(p, 1, -1.0), ValueError, "norm_type");
  const Tensors broken{with_gradient(Array({2}, {1, static_cast<Real>(INFINITY)}))};
  EXPECT_EQ(clip_grad_norm(broken, 1, infinity), infinity);
  EXPECT_EQ(broken[0].grad().data()[0], 1);
  EXPECT_THROWS_WITH(clip_grad_norm(broken, 1, 1, {.error_if_nonfinite = true}), ValueError, "inf");
}

void expect_rates(const OneCycleLROptions& options, const std::vector<double>& expected) {
  const Tensor x(zeros({1}), true);
  SGD optimizer({x}, {.lr = 0.123});  // its own rate does not count
  Schedule schedule = one_cycle_lr(optimizer, options);
  for (std::size_t t = 0; t < expected.size(); ++t) {
    EXPECT_NEAR(optimizer.lr(), expected[t], 1e-12) << "step " << t;
    if (t + 1 < expected.size()) schedule.step();
  }
}

TEST(Integration_07, OneCycleInTwoPhases) {
  expect_rates({.max_lr = 0.5, .total_steps = 10},
               {0.02, 0.26, 0.5, 0.47524231600673683, 0.40587282697488153, 0.30563101096814466, 0.19437098903185537,
                0.09412917302511849, 0.024759683993263143, 2e-06});
  expect_rates({.max_lr = 1, .total_steps = 1}, {4e-6});
}

TEST(Integration_07, OneCycleInThreeStraightPhases) {
  expect_rates(
      {.max_lr = 0.5, .total_steps = 10, .pct_start = 0.4, .anneal_strategy = Anneal::linear, .three_phase = true},
      {0.02, 0.18, 0.34, 0.5, 0.34, 0.18, 0.02, 0.013334, 0.006668, 2e-06});
}

TEST(Integration_07, OneCycleEnds) {
  const Tensor x(zeros({1}), true);
  SGD optimizer({x}, {.lr = 0.1});
  Schedule schedule = one_cycle_lr(optimizer, {.max_lr = 0.5, .total_steps = 2});
  schedule.step();
  schedule.step();
  EXPECT_THROWS_WITH(schedule.step(), ValueError, "OneCycleLR", "3", "2");
  EXPECT_THROWS_WITH(one_cycle_lr(optimizer, {.max_lr = 0.5}), ValueError, "total_steps", "0");
  EXPECT_THROWS_WITH(one_cycle_lr(optimizer, {.total_steps = 5}), ValueError, "max_lr");
  EXPECT_THROWS_WITH(one_cycle_lr(optimizer, {.max_lr = 1, .total_steps = 5, .pct_start = 1.5}), ValueError,
                     "pct_start");
  EXPECT_THROWS_WITH(one_cycle_lr(optimizer, {.max_lr = 1, .total_steps = 5, .div_factor = 0}), ValueError,
                     "div_factor");
  EXPECT_EQ(one_cycle_lr(optimizer, {.max_lr = 1, .total_steps = 10, .pct_start = 0.1}).lr_at(0, 0), 1) << "no rise";
}

}  // namespace
}  // namespace rushlight::test
