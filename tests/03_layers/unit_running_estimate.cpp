// The running estimate: what moves it, and what leaves it alone.
#include <cmath>

#include "03_layers/batch_norm.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

void expect_untouched(BatchNorm1d& norm) {
  EXPECT_EQ(norm.num_batches_tracked.item(), 0);
  EXPECT_TRUE(near(norm.running_mean.value(), {2}, {0, 0}, exactly));
  EXPECT_TRUE(near(norm.running_var.value(), {2}, {1, 1}, exactly));
}

TEST(Unit_03_6, EvaluationUsesTheRunningEstimateAndLeavesIt) {
  BatchNorm1d norm({.features = 2, .eps = 1e-5});
  norm.running_mean.set_value(Array({2}, {1, -2}));
  norm.running_var.set_value(Array({2}, {4, 0.25}));
  norm.weight.set_value(Array({2}, {3, 2}));
  norm.bias.set_value(Array({2}, {10, 20}));
  norm.eval();
  const Array y = norm(Array({1, 2}, {5, 0})).value();  // a batch of one is welcome here
  EXPECT_TRUE(near(y, {1, 2}, {10 + 3 * 4 / std::sqrt(4.00001), 20 + 2 * 2 / std::sqrt(0.25001)}));
  EXPECT_TRUE(near(norm.running_mean.value(), {2}, {1, -2}, exactly));
  EXPECT_TRUE(near(norm.running_var.value(), {2}, {4, 0.25}, exactly));
  EXPECT_EQ(norm.num_batches_tracked.item(), 0);
}

TEST(Unit_03_6, MomentumWeighsTheNewestBatch) {
  BatchNorm1d norm({.features = 1, .momentum = 0.25});
  norm(Array({2, 1}, {3, 5}));  // mean 4, unbiased variance 2
  norm(Array({2, 1}, {7, 9}));  // mean 8, unbiased variance 2
  EXPECT_TRUE(near(norm.running_mean.value(), {1}, {0.75 * 1 + 0.25 * 8}));
  EXPECT_TRUE(near(norm.running_var.value(), {1}, {0.75 * (0.75 + 0.5) + 0.25 * 2}));
  EXPECT_EQ(norm.num_batches_tracked.item(), 2);
}

TEST(Unit_03_6, MomentumAtBothEnds) {
  const Array x({2, 1}, {1, 3});  // mean 2, unbiased variance 2
  BatchNorm1d still({.features = 1, .momentum = 0}), newest({.features = 1, .momentum = 1});
  for (int i = 0; i < 2; ++i) {
    still(Tensor(x));
    newest(Tensor(x));
  }
  EXPECT_TRUE(near(still.running_mean.value(), {1}, {0}, exactly));
  EXPECT_TRUE(near(still.running_var.value(), {1}, {1}, exactly));
  EXPECT_EQ(still.num_batches_tracked.item(), 2);
  EXPECT_TRUE(near(newest.running_mean.value(), {1}, {2}));
  EXPECT_TRUE(near(newest.running_var.value(), {1}, {2}));
}

TEST(Unit_03_6, OneValuePerChannelCannotTrain) {
  BatchNorm1d norm({.features = 2});
  EXPECT_THROWS_WITH(norm(ones({1, 2})), ValueError, "(1, 2)", "more than 1", "eval()");
  EXPECT_THROWS_WITH(norm(ones({1, 2, 1})), ValueError, "more than 1");
  EXPECT_THROWS_WITH(norm(Array({0, 2})), ValueError, "more than 1");
  EXPECT_EQ(norm.num_batches_tracked.item(), 0) << "a failed pass must not move the estimate";
  EXPECT_TRUE(near(norm.running_var.value(), {2}, {1, 1}, exactly));
  norm(ones({1, 2, 2}));  // two positions are two values
  EXPECT_EQ(norm.num_batches_tracked.item(), 1);
}

TEST(Unit_03_6, ItMovesAlsoWhileNothingIsRecorded) {
  BatchNorm1d norm({.features = 1, .momentum = 0.5});
  set_grad_enabled(false);
  norm(Array({2, 1}, {3, 5}));  // mean 4, unbiased variance 2
  set_grad_enabled(true);
  norm.weight.requires_grad_(false);  // frozen, and still in training
  norm.bias.requires_grad_(false);
  norm(Array({2, 1}, {3, 5}));
  EXPECT_EQ(norm.num_batches_tracked.item(), 2);
  EXPECT_TRUE(near(norm.running_mean.value(), {1}, {3}));
  EXPECT_TRUE(near(norm.running_var.value(), {1}, {1.75}));
}

TEST(Unit_03_6, AnErrorOfAnyKindLeavesIt) {
  const Array x({2, 2}, {3, 5, 7, 9});
  BatchNorm1d norm({.features = 2});
  EXPECT_THROW(norm(ones({4, 3})), ShapeError);
  expect_untouched(norm);
  norm.weight = Tensor(ones({3}), true);
  EXPECT_THROW(norm(x), ShapeError);
  expect_untouched(norm);
  norm.weight = Tensor();
  EXPECT_THROW(norm(x), ValueError);
  expect_untouched(norm);
}

}  // namespace
}  // namespace rushlight::test
