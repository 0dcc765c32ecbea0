// Nine bugs that teaching frameworks have really had, each pinned by what it broke.
#include "02_activations/activations.hpp"
#include "03_layers/layers.hpp"
#include "05_autograd/autograd.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

Tensor leaf(const Array& value) { return Tensor(value, true); }

// 1: a product of batches came out as (2, 4, 2, 4), every batch with every other.
TEST(Regression_01, ABatchedProductPairsItsBatches) {
  const Array a = randn({2, 4, 3}, 1), b = randn({2, 3, 4}, 2);
  const Array c = matmul(a, b);
  ASSERT_EQ(c.shape(), (Shape{2, 4, 4}));
  for (const std::int64_t batch : {0, 1}) {
    const auto part = [batch](const Array& x) {
      const Array cut = slice(x, 0, {batch, batch + 1});
      return cut.with_shape({x.dim(1), x.dim(2)});
    };
    EXPECT_TRUE(near(part(c), matmul(part(a), part(b)), value_tolerance)) << "batch " << batch;
  }
}

// 2: the transpose was built from raw data and lost its history.
TEST(Regression_05, ATransposeKeepsItsHistory) {
  const Tensor x = leaf(randn({2, 3}, 1));
  const Tensor y = transpose(x, 0, 1);
  ASSERT_TRUE(y.requires_grad());
  EXPECT_STREQ(y.node()->op, "transpose");
  y.backward(Array({3, 2}, {1, 2, 3, 4, 5, 6}));
  EXPECT_TRUE(near(x.grad(), {2, 3}, {1, 3, 5, 2, 4, 6}));
}

// 3: subtraction had no rule.
TEST(Regression_05, SubtractionIsExact) {
  const Tensor a = leaf(Array({2}, {3, 5})), b = leaf(Array({2}, {2, 4}));
  sum(a - b).backward();
  EXPECT_TRUE(near(a.grad(), {2}, {1, 1}, exactly));
  EXPECT_TRUE(near(b.grad(), {2}, {-1, -1}, exactly));
}

// 4: division had no rule.
TEST(Regression_05, DivisionIsExact) {
  const Tensor a = leaf(Array({2}, {3, 5})), b = leaf(Array({2}, {2, 4}));
  sum(a / b).backward();
  EXPECT_TRUE(near(a.grad(), {2}, {0.5, 0.25}, exactly));
  EXPECT_TRUE(near(b.grad(), {2}, {-0.75, -0.3125}, exactly));
}

// 5: layer norm took its mean from raw data, so that its gradient left out mean and variance: a shift of x then had
// a gradient, though it changes nothing.
TEST(Regression_05, LayerNormKnowsThatAShiftChangesNothing) {
  const Tensor x = leaf(randn({3, 5}, 1));
  const Tensor y = layer_norm(x, {5});
  y.backward(cotangent({3, 5}));
  EXPECT_TRUE(grad_ok(x.grad(), {3, 5}, 1e-3));
  EXPECT_TRUE(near(sum(x.grad(), {1}), {3}, {0, 0, 0}, {0, 1e-5}));
  EXPECT_TRUE(near(sum(x.grad() * x.value(), {1}), {3}, {0, 0, 0}, {0, 1e-4})) << "and so does its scale";
}

// 6: rows looked up in a table were a fresh leaf.
TEST(Regression_05, ALookUpTracksItsTable) {
  const Tensor table = leaf(randn({4, 2}, 1));
  const Tensor rows = take(table, Indices({3}, std::vector<std::int32_t>{2, 0, 2}));
  ASSERT_TRUE(rows.requires_grad());
  rows.backward(Array({3, 2}, {1, 2, 3, 4, 5, 6}));
  EXPECT_TRUE(near(table.grad(), {4, 2}, {3, 4, 0, 0, 6, 8, 0, 0}));
}

// 7: dropout multiplied raw data in training. In evaluation nobody noticed.
TEST(Regression_05, DropoutPassesGradientsOnInTraining) {
  Generator seeds(1);
  Dropout dropout({.p = 0.5}, seeds);
  const Tensor x = leaf(ones({8, 8}));
  const Tensor y = dropout(x);
  ASSERT_TRUE(y.requires_grad());
  y.backward(ones({8, 8}));
  EXPECT_TRUE(near(x.grad(), y.value(), exactly)) << "for x = 1, value and gradient are both the mask";
  dropout.eval();
  EXPECT_TRUE(dropout(x).requires_grad());
}

// 8: the rule of matmul transposed all axes instead of the last two.
TEST(Regression_05, ABatchedProductHasBatchedGradients) {
  const Array a0 = randn({2, 4, 3}, 1), b0 = randn({2, 3, 5}, 2), c = cotangent({2, 4, 5});
  const Tensor a = leaf(a0), b = leaf(b0);
  matmul(a, b).backward(c);
  EXPECT_TRUE(near(a.grad(), matmul(c, permute(b0, {0, 2, 1})), gradient_tolerance));
  EXPECT_TRUE(near(b.grad(), matmul(permute(a0, {0, 2, 1}), c), gradient_tolerance));
}

// 9: one weight for a whole batch got a gradient per batch.
TEST(Regression_05, ASharedWeightSumsOverTheBatches) {
  const Tensor x = leaf(randn({2, 4, 3}, 1)), w = leaf(randn({3, 5}, 2));
  const Array c = cotangent({2, 4, 5});
  matmul(x, w).backward(c);
  const Array flat_x = x.value().with_shape({8, 3}), flat_c = c.with_shape({8, 5});
  EXPECT_TRUE(near(w.grad(), matmul(flat_x, flat_c, {.transpose_a = true}), gradient_tolerance));
}

// And one of our own making: both summands of a + b shared one gradient buffer, so that scaling one scaled the other.
TEST(Regression_05, TwoLeavesDoNotShareAGradient) {
  Tensor a = leaf(ones({2})), b = leaf(ones({2}));
  (a + b).backward(ones({2}));
  Array scaled = a.grad();
  a.zero_grad();
  scaled.mutable_data()[0] = 100;
  EXPECT_TRUE(near(b.grad(), {2}, {1, 1}));
}

}  // namespace
}  // namespace rushlight::test
