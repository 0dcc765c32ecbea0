#include "01_tensor/oracles.hpp"

namespace rushlight::test {
namespace {

// Sums of products of order 1: the error grows with K, so it is measured absolutely.
const Tolerance product_tolerance = double_precision ? Tolerance{1e-11, 1e-12} : Tolerance{2e-5, 1e-5};

Shape with_matrix(Shape batch, std::int64_t rows, std::int64_t columns, bool transposed) {
  batch.push_back(transposed ? columns : rows);
  batch.push_back(transposed ? rows : columns);
  return batch;
}

void expect_product(const Shape& batch_a, const Shape& batch_b, const Shape& batch, std::int64_t m, std::int64_t k,
                    std::int64_t n, MatmulFlags flags, Generator& generator) {
  const Array a = rushlight::randn(with_matrix(batch_a, m, k, flags.transpose_a), generator);
  const Array b = rushlight::randn(with_matrix(batch_b, k, n, flags.transpose_b), generator);
  const Array a_before = a.clone();
  SCOPED_TRACE(a.shape().str() + (flags.transpose_a ? "T" : "") + " x " + b.shape().str() +
               (flags.transpose_b ? "T" : ""));
  ASSERT_TRUE(
      near(matmul(a, b, flags), with_matrix(batch, m, n, false), plain_matmul(a, b, flags, batch), product_tolerance));
  ASSERT_TRUE(same_bits(a, a_before));
}

const bool both_ways[] = {false, true};

TEST(Unit_01_4, TwoByTwo) {
  const Array a({2, 2}, {1, 2, 3, 4});
  const Array b({2, 2}, {1, 1, 0, 1});
  EXPECT_TRUE(near(matmul(a, b), {2, 2}, {1, 3, 3, 7}, exactly));
  EXPECT_TRUE(near(matmul(a, b, {.transpose_a = true}), {2, 2}, {1, 4, 2, 6}, exactly));
  EXPECT_TRUE(near(matmul(a, b, {.transpose_b = true}), {2, 2}, {3, 2, 7, 4}, exactly));
  EXPECT_TRUE(near(matmul(a, b, {true, true}), {2, 2}, {4, 3, 6, 4}, exactly));
}

TEST(Unit_01_4, EverySmallSizeWithEveryFlag) {
  Generator generator(21);
  for (std::int64_t m = 1; m <= 4; ++m) {
    for (std::int64_t k = 1; k <= 4; ++k) {
      for (std::int64_t n = 1; n <= 4; ++n) {
        for (const bool ta : both_ways) {
          for (const bool tb : both_ways) expect_product({}, {}, {}, m, k, n, {ta, tb}, generator);
        }
      }
    }
  }
}

TEST(Unit_01_4, BatchesThatBroadcastWithEveryFlag) {
  Generator generator(22);
  for (int round = 0; round < 60; ++round) {
    const ShapePair batch = random_pair(generator, 1);
    for (const bool ta : both_ways) {
      for (const bool tb : both_ways) {
        expect_product(batch.a, batch.b, batch.both, 1 + generator.below(3), 1 + generator.below(3),
                       1 + generator.below(3), {ta, tb}, generator);
      }
    }
  }
}

TEST(Unit_01_4, OneMatrixForAWholeBatch) {
  Generator generator(23);
  for (const bool ta : both_ways) {
    for (const bool tb : both_ways) {
      expect_product({3, 2}, {}, {3, 2}, 4, 5, 6, {ta, tb}, generator);
      expect_product({}, {3, 2}, {3, 2}, 4, 5, 6, {ta, tb}, generator);
      expect_product({3, 1}, {1, 2}, {3, 2}, 4, 5, 6, {ta, tb}, generator);
    }
  }
}

TEST(Unit_01_4, ALargerProduct) {
  Generator generator(24);
  expect_product({}, {}, {}, 33, 70, 29, {}, generator);
  expect_product({2}, {2}, {2}, 17, 40, 31, {.transpose_b = true}, generator);
}

// gemm has a way of its own for these.
TEST(Unit_01_4, ManyRowsByASmallTransposedMatrix) {
  Generator generator(24);
  for (const std::int64_t m : {31, 32}) {
    for (const std::int64_t n : {1, 4, 7}) {
      for (const std::int64_t k : {3, 8, 9}) expect_product({}, {}, {}, m, k, n, {.transpose_b = true}, generator);
    }
  }
  expect_product({2}, {}, {2}, 33, 12, 6, {true, true}, generator);
}

TEST(Unit_01_4, AVectorIsARowOnTheLeftAndAColumnOnTheRight) {
  const Array v({2}, {1, 2});
  const Array w({2}, {10, 100});
  const Array m({2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_TRUE(near(matmul(v, w), Shape{}, {210}, exactly));
  EXPECT_TRUE(near(matmul(v, m), {3}, {9, 12, 15}, exactly));
  EXPECT_TRUE(near(matmul(m, v, {.transpose_a = true}), {3}, {9, 12, 15}, exactly));
  EXPECT_TRUE(near(matmul(m, Array({3}, {1, 0, -1})), {2}, {-2, -2}, exactly));
  EXPECT_TRUE(near(matmul(Array({3}, {1, 0, -1}), m, {.transpose_b = true}), {2}, {-2, -2}, exactly));
}

TEST(Unit_01_4, VectorsMeetBatches) {
  const Array batch({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
  const Array v({2}, {1, 10});
  EXPECT_TRUE(near(matmul(batch, v), {2, 2}, {21, 43, 65, 87}, exactly));
  EXPECT_TRUE(near(matmul(v, batch), {2, 2}, {31, 42, 75, 86}, exactly));
  EXPECT_TRUE(near(matmul(batch, v, {.transpose_a = true}), {2, 2}, {31, 42, 75, 86}, exactly));
}

TEST(Unit_01_4, FlagsSayNothingAboutVectors) {
  const Array v({2}, {1, 2});
  EXPECT_TRUE(near(matmul(v, v, {true, true}), Shape{}, {5}, exactly));
  EXPECT_TRUE(near(matmul(v, Array({2, 1}, {3, 4}), {.transpose_a = true}), {1}, {11}, exactly));
  EXPECT_TRUE(near(matmul(Array({1, 2}, {3, 4}), v, {.transpose_b = true}), {1}, {11}, exactly));
}

TEST(Unit_01_4, EmptyProducts) {
  EXPECT_TRUE(near(matmul(Array(Shape{2, 0}), Array(Shape{0, 3})), {2, 3}, {0, 0, 0, 0, 0, 0}, exactly)) << "K = 0";
  EXPECT_TRUE(near(matmul(Array(Shape{0, 2}), Array(Shape{2, 3})), {0, 3}, {}));
  EXPECT_TRUE(near(matmul(Array(Shape{2, 3}), Array(Shape{3, 0})), {2, 0}, {}));
  EXPECT_TRUE(near(matmul(Array(Shape{0, 2, 3}), Array(Shape{3, 4})), {0, 2, 4}, {}));
  EXPECT_TRUE(near(matmul(Array(Shape{0, 2, 3}), Array(Shape{1, 3, 4})), {0, 2, 4}, {}));
  EXPECT_TRUE(near(matmul(Array(Shape{0}), Array(Shape{0})), Shape{}, {0}, exactly));
  EXPECT_TRUE(near(matmul(Array(Shape{2, 3, 0}), Array(Shape{0})), {2, 3}, {0, 0, 0, 0, 0, 0}, exactly));
}

TEST(Unit_01_4, NansAndInfinitiesTravelThrough) {
  const Array a({2, 2}, {nan, 0, inf, 1});
  EXPECT_TRUE(near(matmul(a, Array({2, 1}, {1, 1})), {2, 1}, {nan, inf}));
  EXPECT_TRUE(near(matmul(a, Array({2, 1}, {0, 1})), {2, 1}, {nan, nan})) << "0 times infinity is NaN";
}

TEST(Unit_01_4, ErrorsNameBothShapesAndTheRule) {
  EXPECT_THROWS_WITH(matmul(zeros({2, 3}), zeros({4, 5})), ShapeError, "(2, 3)", "(4, 5)", "(..., M, K)");
  EXPECT_THROWS_WITH(matmul(zeros({2, 3}), zeros({3, 5}), {.transpose_a = true}), ShapeError, "(2, 3)", "(3, 5)");
  EXPECT_THROWS_WITH(matmul(zeros({2, 3}), zeros({3, 5}), {.transpose_b = true}), ShapeError, "(2, 3)", "(3, 5)");
  EXPECT_THROWS_WITH(matmul(zeros({3}), zeros({4})), ShapeError, "(3,)", "(4,)");
  EXPECT_THROWS_WITH(matmul(zeros({2, 3}), zeros({2})), ShapeError, "(2, 3)", "(2,)");
  EXPECT_THROWS_WITH(matmul(zeros({}), zeros({2})), ShapeError, "()", "(2,)");
  EXPECT_THROWS_WITH(matmul(zeros({2, 2}), zeros({})), ShapeError, "(2, 2)", "()");
  EXPECT_THROWS_WITH(matmul(zeros({2, 3, 4}), zeros({5, 4, 2})), ShapeError, "(2, 3, 4)", "(5, 4, 2)", "(..., M, K)");
  EXPECT_THROWS_WITH(matmul(zeros({3, 2, 4, 1}), zeros({2, 2, 4, 1}), {.transpose_b = true}), ShapeError,
                     "(3, 2, 4, 1)", "(2, 2, 4, 1)", "(..., M, K)");
}

}  // namespace
}  // namespace rushlight::test
