// Layer norm, row by row, against the formulas in double. Rows are cut into pieces of 64.
#include "plain.hpp"

namespace rushlight::test {
namespace {

constexpr Real eps = Real(1e-5);
constexpr Tolerance norm_tolerance = double_precision ? Tolerance{1e-9, 1e-11} : Tolerance{2e-5, 1e-5};

struct NormInputs {
  Array x, weight, bias, grad;
};

NormInputs norm_inputs(std::int64_t rows, std::int64_t width, bool affine, std::uint64_t seed) {
  NormInputs in{uniform({rows, width}, seed, -1, 1), Array(), Array(), randn({rows, width}, seed + 1)};
  if (affine) {
    in.weight = uniform({width}, seed + 2, 0.5, 2);
    in.bias = randn({width}, seed + 3);
  }
  for (std::int64_t i = 0; i < in.x.size(); ++i)
    in.x.mutable_data()[i] += i % width % 2 == 0 ? 2 : -2;  // no row is flat
  return in;
}

void expect_norm(const NormInputs& in, Tolerance tolerance = norm_tolerance) {
  const std::int64_t rows = in.x.dim(0), width = in.x.dim(1);
  const PlainNorm expected = plain_layer_norm(in.x, in.weight, in.bias, eps, in.grad);
  dirty(in.x.shape());
  const LayerNormForward actual = fused_layer_norm(in.x, in.weight, in.bias, eps);
  ASSERT_TRUE(near(actual.y, {rows, width}, expected.y, tolerance));
  ASSERT_TRUE(near(actual.mean, {rows, 1}, expected.mean, tolerance));
  ASSERT_TRUE(near(actual.rstd, {rows, 1}, expected.rstd, tolerance));
  dirty(in.x.shape());
  ASSERT_TRUE(near(fused_layer_norm_backward_x(in.grad, in.x, in.weight, actual.mean, actual.rstd), {rows, width},
                   expected.dx, {tolerance.rtol, 4 * tolerance.atol}));
  dirty({width});
  const Arrays affine = fused_layer_norm_backward_affine(in.grad, in.x, actual.mean, actual.rstd);
  ASSERT_EQ(affine.size(), 2U);
  const Tolerance sums{tolerance.rtol, tolerance.atol * (4 + std::sqrt(static_cast<double>(rows)))};
  ASSERT_TRUE(near(affine[0], {width}, expected.dweight, sums));
  ASSERT_TRUE(near(affine[1], {width}, expected.dbias, sums));
}

TEST(Unit_18_6, LayerNormAgainstTheFormula) {
  std::uint64_t seed = 1;
  for (const bool affine : {true, false}) {
    for (const std::int64_t rows : {1, 2, 63, 64, 65, 128, 200}) {
      for (const std::int64_t width : {2, 5, 8, 33}) {
        expect_norm(norm_inputs(rows, width, affine, seed));
        ASSERT_FALSE(HasFailure()) << rows << " rows of " << width << (affine ? "" : ", not affine");
        seed += 4;
      }
    }
  }
}

TEST(Unit_18_6, LayerNormOfWideRowsAndOfOneNumber) {
  expect_norm(norm_inputs(3, 2000, true, 500));
  expect_norm(norm_inputs(70, 1, true, 504));
}

// Far from zero the mean must go off before anything is scaled: these differences are whole numbers, and exact.
TEST(Unit_18_6, TheWayBackFarFromZeroLosesNothing) {
  NormInputs in = norm_inputs(65, 8, true, 600);
  for (std::int64_t i = 0; i < in.x.size(); ++i) {
    const std::int64_t place = (i % 8 + i / 8) % 8;  // -4..-1 and 1..4, in another order in each row
    in.x.mutable_data()[i] = static_cast<Real>(65536 + place - (place < 4 ? 4 : 3));
  }
  const PlainNorm expected = plain_layer_norm(in.x, in.weight, in.bias, eps, in.grad);
  const Array mean = Array::full({65, 1}, 65536);
  const Array rstd({65, 1}, std::vector<Real>(expected.rstd.begin(), expected.rstd.end()));
  EXPECT_TRUE(near(fused_layer_norm_backward_x(in.grad, in.x, in.weight, mean, rstd), {65, 8}, expected.dx,
                   {norm_tolerance.rtol, 4 * norm_tolerance.atol}));
  const Arrays affine = fused_layer_norm_backward_affine(in.grad, in.x, mean, rstd);
  const Tolerance sums{norm_tolerance.rtol, 12 * norm_tolerance.atol};  // 4 + √65, as above
  EXPECT_TRUE(near(affine[0], {8}, expected.dweight, sums));
  EXPECT_TRUE(near(affine[1], {8}, expected.dbias, sums));
}

TEST(Unit_18_6, LayerNormOfNothing) {
  const NormInputs in = norm_inputs(0, 4, true, 1);
  const LayerNormForward result = fused_layer_norm(in.x, in.weight, in.bias, eps);
  EXPECT_EQ(result.y.shape(), Shape({0, 4}));
  EXPECT_EQ(result.rstd.shape(), Shape({0, 1}));
  EXPECT_EQ(fused_layer_norm_backward_x(in.grad, in.x, in.weight, result.mean, result.rstd).shape(), Shape({0, 4}));
  const Arrays affine = fused_layer_norm_backward_affine(in.grad, in.x, result.mean, result.rstd);
  EXPECT_TRUE(near(affine[0], {4}, {0, 0, 0, 0}, exactly));
  EXPECT_TRUE(near(affine[1], {4}, {0, 0, 0, 0}, exactly));
}

TEST(Unit_18_6, ALargeMeanDoesNotDrownASmallVariance) {  // E[x²] - mean² would: the differences are eighths, exact
  NormInputs in = norm_inputs(70, 16, true, 600);
  Generator generator(601);
  for (Real& value : in.x.mutable_data()) value = Real(1e4) + static_cast<Real>(generator.below(9)) / 8;
  expect_norm(in, double_precision ? Tolerance{1e-7, 1e-9} : Tolerance{2e-3, 2e-3});
}

TEST(Unit_18_6, LayerNormByHand) {
  const Array x({2, 2}, {1, 3, -2, 6});
  const LayerNormForward result = fused_layer_norm(x, Array({2}, {10, 100}), Array({2}, {1, 2}), 0);
  EXPECT_TRUE(near(result.mean, {2, 1}, {2, 2}));
  EXPECT_TRUE(near(result.rstd, {2, 1}, {1, 0.25}));
  EXPECT_TRUE(near(result.y, {2, 2}, {-9, 102, -9, 102}));
}

TEST(Unit_18_6, AConstantRowIsFinite) {
  const Array x = Array::full({1, 4}, 3);
  const LayerNormForward result = fused_layer_norm(x, Array(), Array(), Real(0.01));
  EXPECT_TRUE(near(result.y, {1, 4}, {0, 0, 0, 0}, exactly));
  EXPECT_TRUE(near(result.rstd, {1, 1}, {10}));
}

TEST(Unit_18_6, ARowOfEqualNumbersIsTheBias) {
  for (const double value : {12345.678, -98765.4321, 1e7 / 3, 0.1}) {
    for (const std::int64_t width : {3, 7, 48, 100, 769}) {
      const Array x = Array::full({3, width}, static_cast<Real>(value));
      const LayerNormForward result =
          fused_layer_norm(x, Array::full({width}, 2), Array::full({width}, 5), static_cast<Real>(1e-5));
      for (const Real each : result.y.data()) ASSERT_EQ(each, 5) << value << " at width " << width;
      EXPECT_EQ(result.mean.data()[2], static_cast<Real>(value));
      EXPECT_TRUE(near(result.rstd, {3, 1}, Doubles(3, 1 / std::sqrt(double{static_cast<Real>(1e-5)})))) << value;
    }
  }
}

TEST(Unit_18_6, ANanStaysInItsRow) {
  NormInputs in = norm_inputs(3, 4, true, 700);
  in.x.mutable_data()[5] = nan;
  const Array y = fused_layer_norm(in.x, in.weight, in.bias, eps).y;
  for (int i = 0; i < 12; ++i) EXPECT_EQ(std::isnan(y.data()[i]), i / 4 == 1) << i;
}

TEST(Unit_18_6, LayerNormEqualsTheOneItReplaces) {
  for (const bool affine : {true, false}) {
    const NormInputs in = norm_inputs(150, 48, affine, 800);
    const LayerNormForward fused = fused_layer_norm(in.x, in.weight, in.bias, eps);
    const LayerNormForward composed = composed_layer_norm(in.x, in.weight, in.bias, eps);
    EXPECT_TRUE(near(fused.y, composed.y, norm_tolerance));
    EXPECT_TRUE(near(fused_layer_norm_backward_x(in.grad, in.x, in.weight, fused.mean, fused.rstd),
                     composed_layer_norm_backward_x(in.grad, in.x, in.weight, composed.mean, composed.rstd),
                     norm_tolerance));
  }
}

TEST(Unit_18_6, LayerNormDoesNotDependOnTheThreads) {
  const NormInputs in = norm_inputs(10 * 64 + 3, 6, true, 900);
  const Arrays before{in.x.clone(), in.grad.clone()};
  expect_same_bits_for_any_threads([&] {
    const LayerNormForward f = fused_layer_norm(in.x, in.weight, in.bias, eps);
    return Arrays{f.y, f.mean, f.rstd, fused_layer_norm_backward_x(in.grad, in.x, in.weight, f.mean, f.rstd)};
  });
  EXPECT_TRUE(same_bits(in.x, before[0]));
  EXPECT_TRUE(same_bits(in.grad, before[1]));
}

TEST(Unit_18_6, TheSumsOverAllRowsDoNotDependOnTheThreads) {  // nobody loses what another thread has added
  const NormInputs in = norm_inputs(300 * 64, 6, true, 910);
  const LayerNormForward f = fused_layer_norm(in.x, in.weight, in.bias, eps);
  expect_same_bits_for_any_threads([&] { return fused_layer_norm_backward_affine(in.grad, in.x, f.mean, f.rstd); }, 10);
}

TEST(Unit_18_6, NothingIsLostFromAVeryLongSum) {  // 200,000 ones in Real: piece by piece no sum is large
  const std::int64_t rows = double_precision ? 2000 : 200000;
  const Array x = Array::full({rows, 1}, Real(2.1)), mean = zeros({rows, 1}), rstd = ones({rows, 1});
  const Arrays affine = fused_layer_norm_backward_affine(Array::full({rows, 1}, Real(0.1)), x, mean, rstd);
  const double grad = Real(0.1), value = Real(2.1), count = static_cast<double>(rows);
  EXPECT_TRUE(near(affine[0], {1}, {count * grad * value}));
  EXPECT_TRUE(near(affine[1], {1}, {count * grad}));
}

}  // namespace
}  // namespace rushlight::test
