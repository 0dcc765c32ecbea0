// Defaults are given in the headers: they hold before the student has written anything. They are PyTorch's.
#include "06_optimizers/adam.hpp"
#include "06_optimizers/rmsprop.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

TEST(Given_06, RMSpropDefaults) {
  const RMSpropOptions o;
  EXPECT_EQ(o.lr, 1e-2);
  EXPECT_EQ(o.alpha, 0.99);
  EXPECT_EQ(o.eps, 1e-8);
  EXPECT_EQ(o.weight_decay, 0);
  EXPECT_EQ(o.momentum, 0);
  EXPECT_FALSE(o.centered);
}

TEST(Given_06, AdamDefaults) {
  const AdamOptions o;
  EXPECT_EQ(o.lr, 1e-3);
  EXPECT_EQ(o.betas[0], 0.9);
  EXPECT_EQ(o.betas[1], 0.999);
  EXPECT_EQ(o.eps, 1e-8);
  EXPECT_EQ(o.weight_decay, 0);
}

TEST(Given_06, AdamWDefaults) {
  const AdamWOptions o;
  EXPECT_EQ(o.lr, 1e-3);
  EXPECT_EQ(o.betas[0], 0.9);
  EXPECT_EQ(o.betas[1], 0.999);
  EXPECT_EQ(o.eps, 1e-8);
  EXPECT_EQ(o.weight_decay, 1e-2);
}

}  // namespace
}  // namespace rushlight::test
