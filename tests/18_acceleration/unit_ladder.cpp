// Matrix products, all five the same way: whole numbers, so that every sum is exact and results must be equal; sizes
// around the tiles, the blocks and the pieces.
#include "18_acceleration/ladder.hpp"

#include "products.hpp"

namespace rushlight::test {
namespace {

using Product = Array (*)(const Array& a, const Array& b);

struct Sizes {
  std::int64_t rows, depth, columns;
};

std::vector<Sizes> grid() {
  const std::int64_t c = tile_columns();
  std::vector<Sizes> all;
  for (const std::int64_t rows : {0, 1, 5, 6, 7, 11, 12, 13, 48, 49, 97}) {
    for (const std::int64_t columns : {std::int64_t{0}, std::int64_t{1}, c - 1, c, c + 1, 2 * c, 2 * c + 3}) {
      for (const std::int64_t depth : {0, 3}) all.push_back({rows, depth, columns});
    }
  }
  for (const std::int64_t edge : {63, 64, 65, 127, 129, 511, 512, 513}) {
    for (const std::int64_t rows : {1, 7}) {
      all.push_back({rows, edge, c + 1});
      all.push_back({rows, 3, edge});
    }
    all.push_back({edge, 2, 3});
  }
  all.push_back({7, 65, 513});
  all.push_back({13, 130, 65});
  return all;
}

void expect_exact(Product product) {
  std::uint64_t seed = 1;
  for (const Sizes& n : grid()) {
    const Array a = whole_numbers({n.rows, n.depth}, seed++), b = whole_numbers({n.depth, n.columns}, seed++);
    dirty({n.rows, n.columns});
    ASSERT_TRUE(near(product(a, b), {n.rows, n.columns}, plain_matmul(a, b), exactly))
        << a.shape().str() << " x " << b.shape().str();
  }
}

void expect_rounded(Product product) {
  const Array a = randn({23, 301}, 1), b = randn({301, 41}, 2);
  const double each = 301 * static_cast<double>(std::numeric_limits<Real>::epsilon());
  EXPECT_TRUE(near(product(a, b), {23, 41}, plain_matmul(a, b), {0, 8 * each}));
}

void expect_inputs_alone(Product product) {
  const Array a = randn({13, 9}, 3), b = randn({9, 21}, 4);
  const Array a_before = a.clone(), b_before = b.clone();
  const Array y = product(a, b);
  EXPECT_TRUE(same_bits(a, a_before));
  EXPECT_TRUE(same_bits(b, b_before));
  EXPECT_FALSE(y.shares_buffer_with(a) || y.shares_buffer_with(b));
}

// The tile's other rows and columns must not see them; 0 · inf is NaN, also where skipping zeros would be faster.
void expect_ieee(Product product) {
  const std::int64_t columns = tile_columns() + 3;
  Array a = whole_numbers({8, 4}, 5), b = whole_numbers({4, columns}, 6);
  a.mutable_data()[3 * 4 + 1] = inf;
  a.mutable_data()[6 * 4 + 0] = nan;
  for (std::int64_t j = 0; j < columns; ++j) b.mutable_data()[1 * columns + j] = static_cast<Real>(j % 3 - 1);
  a.mutable_data()[2 * 4 + 2] = 0;
  b.mutable_data()[2 * columns + columns - 1] = -inf;
  EXPECT_TRUE(near(product(a, b), {8, columns}, plain_matmul(a, b), exactly));
}

void expect_errors(Product product, const char* name) {
  ASSERT_TRUE(near(product(ones({1, 1}), ones({1, 1})), {1, 1}, {1}, exactly));
  const Array a = ones({2, 3});
  EXPECT_THROWS_WITH(product(a, ones({4, 5})), ShapeError, name, "(2, 3)", "(4, 5)", "(M, K) x (K, N)");
  EXPECT_THROWS_WITH(product(a, ones({2, 3})), ShapeError, name);
  EXPECT_THROWS_WITH(product(a, ones({3})), ShapeError, name, "(3,)");
  EXPECT_THROWS_WITH(product(ones({1, 2, 3}), ones({3, 2})), ShapeError, name, "(1, 2, 3)");
}

// --- 18.1 -------------------------------------------------------------------------------------------------------

TEST(Unit_18_1, NaiveIsExactOnTheGrid) { expect_exact(matmul_naive); }
TEST(Unit_18_1, NaiveRounds) { expect_rounded(matmul_naive); }
TEST(Unit_18_1, NaiveLeavesItsInputsAlone) { expect_inputs_alone(matmul_naive); }
TEST(Unit_18_1, NaiveWithNanAndInfinity) { expect_ieee(matmul_naive); }
TEST(Unit_18_1, NaiveNamesBothShapes) { expect_errors(matmul_naive, "matmul_naive"); }

TEST(Unit_18_1, ByHand) {
  const Array a({2, 3}, {1, 2, 3, 4, 5, 6}), b({3, 2}, {7, 8, 9, 10, 11, 12});
  EXPECT_TRUE(near(matmul_naive(a, b), {2, 2}, {58, 64, 139, 154}, exactly));
  EXPECT_TRUE(near(matmul_blocked(a, b), {2, 2}, {58, 64, 139, 154}, exactly));
}

TEST(Unit_18_1, BlockedIsExactOnTheGrid) { expect_exact(matmul_blocked); }
TEST(Unit_18_1, BlockedRounds) { expect_rounded(matmul_blocked); }
TEST(Unit_18_1, BlockedLeavesItsInputsAlone) { expect_inputs_alone(matmul_blocked); }
TEST(Unit_18_1, BlockedWithNanAndInfinity) { expect_ieee(matmul_blocked); }
TEST(Unit_18_1, BlockedNamesBothShapes) { expect_errors(matmul_blocked, "matmul_blocked"); }

// --- 18.2 -------------------------------------------------------------------------------------------------------

TEST(Unit_18_2, VectorisedIsExactOnTheGrid) { expect_exact(matmul_vectorised); }
TEST(Unit_18_2, VectorisedRounds) { expect_rounded(matmul_vectorised); }
TEST(Unit_18_2, VectorisedLeavesItsInputsAlone) { expect_inputs_alone(matmul_vectorised); }
TEST(Unit_18_2, VectorisedWithNanAndInfinity) { expect_ieee(matmul_vectorised); }
TEST(Unit_18_2, VectorisedNamesBothShapes) { expect_errors(matmul_vectorised, "matmul_vectorised"); }

// Every number of rows that a tile may be left with, around one tile and around the block of rows.
TEST(Unit_18_2, EveryRemainderOfRows) {
  for (std::int64_t rows = 1; rows <= 2 * tile_rows + 1; ++rows) expect_products(tiled_gemm, {rows, 3, 5});
  for (std::int64_t rows = 95; rows <= 97 + tile_rows; ++rows) {
    expect_product(tiled_gemm, {rows, tile_columns(), 3}, {.accumulate = true});
  }
}

TEST(Unit_18_2, EveryRemainderOfColumns) {
  for (std::int64_t columns = 1; columns <= 2 * tile_columns() + 1; ++columns) {
    expect_products(tiled_gemm, {7, columns, 5});
  }
}

// More depth than a panel has: what the first part gave is added to. More columns than the panels of a part have.
TEST(Unit_18_2, MoreThanOnePart) {
  for (const std::int64_t depth : {255, 256, 257, 513}) expect_products(tiled_gemm, {13, tile_columns() + 3, depth});
  for (const std::int64_t columns : {16 * tile_columns() - 1, 16 * tile_columns() + 1, 33 * tile_columns() + 2}) {
    expect_products(tiled_gemm, {5, columns, 3});
  }
  expect_products(tiled_gemm, {100, 16 * tile_columns() + 5, 259});
}

TEST(Unit_18_2, InsideLargerMatrices) {
  for (const Case& sizes : {Case{1, 1, 1, 5}, Case{13, tile_columns(), 3, 1}, Case{29, 2 * tile_columns() + 7, 6, 3},
                            Case{97, tile_columns() - 1, 300, 2}, Case{3, 16 * tile_columns() + 1, 4, 9}}) {
    expect_products(tiled_gemm, sizes);
  }
}

TEST(Unit_18_2, SetAndAddedTo) {
  for (const bool accumulate : {false, true}) {
    expect_product(tiled_gemm, {25, 2 * tile_columns() + 3, 7}, {.accumulate = accumulate});
    expect_product(tiled_gemm, {25, 2 * tile_columns() + 3, 600, 2}, {.accumulate = accumulate});
  }
}

TEST(Unit_18_2, WithoutDepthZerosAreSetAndNothingIsAdded) {
  for (const bool accumulate : {false, true}) {
    expect_product(tiled_gemm, {9, tile_columns() + 5, 0}, {.accumulate = accumulate});
    expect_product(tiled_gemm, {9, tile_columns() + 5, 0, 2}, {.accumulate = accumulate});
  }
}

TEST(Unit_18_2, WithoutRowsOrColumnsNothingHappens) {
  ASSERT_NO_FATAL_FAILURE(expect_product(tiled_gemm, {1, 1, 1}, {}));
  expect_product(tiled_gemm, {0, 5, 3}, {.accumulate = true});
  expect_product(tiled_gemm, {5, 0, 3}, {.accumulate = true});
}

// Threads cut C into bands: no band may depend on where it was cut. Two bands of rows, or of columns, `cut` in the first.
void expect_bits_of_the_whole(std::int64_t m, std::int64_t n, std::int64_t k,
                              std::initializer_list<std::int64_t> cuts) {
  const Array a = randn({m, k}, 1), b = randn({k, n}, 2);
  const Array whole = matmul_vectorised(a, b);
  const Real *left = a.data().data(), *right = b.data().data();
  for (const std::int64_t cut : cuts) {
    if (cut < m) {
      Array bands = Array::full({m, n}, nan);
      Real* to = bands.mutable_data().data();
      tiled_gemm({.m = cut, .n = n, .k = k}, left, right, to);
      tiled_gemm({.m = m - cut, .n = n, .k = k}, left + cut * k, right, to + cut * n);
      EXPECT_TRUE(same_bits(bands, whole)) << "two bands of rows, " << cut << " in the first, depth " << k;
    }
    if (cut < n) {
      Array bands = Array::full({m, n}, nan);
      Real* to = bands.mutable_data().data();
      tiled_gemm({.m = m, .n = cut, .k = k, .ldb = n, .ldc = n}, left, right, to);
      tiled_gemm({.m = m, .n = n - cut, .k = k, .ldb = n, .ldc = n}, left, right + cut, to + cut);
      EXPECT_TRUE(same_bits(bands, whole)) << "two bands of columns, " << cut << " in the first, depth " << k;
    }
  }
}

TEST(Unit_18_2, ABandHasTheBitsOfTheWhole) {
  expect_bits_of_the_whole(61, 2 * tile_columns() + 61, 300, {1, 5, 12, 33, 60});
}

// A whole of more columns than the panels of a part, a band of few; and more rows than a block.
TEST(Unit_18_2, ANarrowBandOfAWideWholeHasItsBits) {
  expect_bits_of_the_whole(7, 16 * tile_columns() + 9, 600, {1, 40, 9 * tile_columns(), 16 * tile_columns()});
  expect_bits_of_the_whole(200, 9 * tile_columns() + 1, 300, {3, 96, 97, 4 * tile_columns()});
}

// --- 18.3, the product ----------------------------------------------------------------------------------------------

TEST(Unit_18_3, ThreadedIsExactOnTheGrid) {
  expect_exact(matmul_threaded);
  const Threads three(3);
  expect_exact(matmul_threaded);
}

TEST(Unit_18_3, ThreadedRounds) { expect_rounded(matmul_threaded); }
TEST(Unit_18_3, ThreadedLeavesItsInputsAlone) { expect_inputs_alone(matmul_threaded); }
TEST(Unit_18_3, ThreadedWithNanAndInfinity) { expect_ieee(matmul_threaded); }
TEST(Unit_18_3, ThreadedNamesBothShapes) { expect_errors(matmul_threaded, "matmul_threaded"); }

TEST(Unit_18_3, TheProductDoesNotDependOnTheThreads) {
  const Array a = randn({331, 37}, 7), b = randn({37, 29}, 8);
  expect_same_bits_for_any_threads([&] { return Arrays{matmul_threaded(a, b)}; }, 5);
}

// --- 18.4 -------------------------------------------------------------------------------------------------------

Doubles plain_bias_relu(const Array& a, const Array& b, const Array& bias) {
  Doubles y = plain_matmul(a, b);
  for (std::size_t i = 0; i < y.size(); ++i) {
    y[i] += bias.data()[i % bias.data().size()];
    y[i] = y[i] < 0 ? 0 : y[i];
  }
  return y;
}

void expect_bias_relu_on_the_grid() {
  std::uint64_t seed = 1;
  for (const Sizes& n : grid()) {
    const Array a = whole_numbers({n.rows, n.depth}, seed++), b = whole_numbers({n.depth, n.columns}, seed++);
    const Array bias = whole_numbers({n.columns}, seed++);
    dirty({n.rows, n.columns});
    ASSERT_TRUE(near(matmul_bias_relu(a, b, bias), {n.rows, n.columns}, plain_bias_relu(a, b, bias), exactly))
        << a.shape().str() << " x " << b.shape().str();
  }
}

TEST(Unit_18_4, IsExactOnTheGrid) {
  expect_bias_relu_on_the_grid();
  const Threads three(3);
  expect_bias_relu_on_the_grid();
}

TEST(Unit_18_4, ByHand) {
  const Array a({2, 2}, {1, 2, 3, 4}), b({2, 3}, {1, 0, -1, 0, 1, -1});
  EXPECT_TRUE(near(matmul_bias_relu(a, b, Array({3}, {-2, 10, 1})), {2, 3}, {0, 12, 0, 1, 14, 0}, exactly));
}

TEST(Unit_18_4, WithoutDepthTheBiasRemains) {
  const Array y = matmul_bias_relu(Array(Shape{60, 0}), Array(Shape{0, 3}), Array({3}, {2, -3, 0.5}));
  Doubles expected;
  for (int row = 0; row < 60; ++row) expected.insert(expected.end(), {2, 0, 0.5});
  EXPECT_TRUE(near(y, {60, 3}, expected, exactly));
}

TEST(Unit_18_4, NanStaysAndInfinityIsCutOnOneSide) {
  const Array a({3, 1}, {nan, inf, 1}), b({1, 2}, {1, -1});
  EXPECT_TRUE(near(matmul_bias_relu(a, b, Array({2}, {5, 5})), {3, 2}, {nan, nan, inf, 0, 6, 4}, exactly));
  const Array with_bias = matmul_bias_relu(Array({1, 1}, {1}), b, Array({2}, {nan, -inf}));
  EXPECT_TRUE(near(with_bias, {1, 2}, {nan, 0}, exactly));
}

TEST(Unit_18_4, LeavesItsInputsAlone) {
  const Array a = randn({50, 9}, 3), b = randn({9, 21}, 4), bias = randn({21}, 5);
  const Arrays before{a.clone(), b.clone(), bias.clone()};
  matmul_bias_relu(a, b, bias);
  EXPECT_TRUE(same_bits(a, before[0]));
  EXPECT_TRUE(same_bits(b, before[1]));
  EXPECT_TRUE(same_bits(bias, before[2]));
}

TEST(Unit_18_4, ErrorsNameTheShapes) {
  const Array a = ones({2, 3}), b = ones({3, 4});
  ASSERT_TRUE(near(matmul_bias_relu(ones({1, 1}), ones({1, 1}), ones({1})), {1, 1}, {2}, exactly));
  EXPECT_THROWS_WITH(matmul_bias_relu(a, ones({4, 5}), ones({5})), ShapeError, "matmul_bias_relu", "(2, 3)", "(4, 5)");
  EXPECT_THROWS_WITH(matmul_bias_relu(a, b, ones({3})), ShapeError, "matmul_bias_relu", "(3,)", "(3, 4)", "(4,)");
  EXPECT_THROWS_WITH(matmul_bias_relu(a, b, ones({1, 4})), ShapeError, "matmul_bias_relu", "(1, 4)");
}

TEST(Unit_18_4, DoesNotDependOnTheThreads) {
  const Array a = randn({331, 37}, 7), b = randn({37, 29}, 8), bias = randn({29}, 9);
  expect_same_bits_for_any_threads([&] { return Arrays{matmul_bias_relu(a, b, bias)}; }, 5);
}

}  // namespace
}  // namespace rushlight::test
