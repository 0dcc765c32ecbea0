// Layer norm and cross-entropy, row by row, against the formulas in double. Rows are cut into pieces of 64.
#include "plain.hpp"

namespace rushlight::test {
namespace {

// --- layer norm
// -------------------------------------------------------------------------------------------------------

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

// --- cross-entropy
// ----------------------------------------------------------------------------------------------------

Indices random_labels(const Shape& shape, std::int64_t classes, std::uint64_t seed) {
  Generator generator(seed);
  Indices labels(shape);
  for (std::int32_t& label : labels.mutable_data()) label = static_cast<std::int32_t>(generator.below(classes));
  return labels;
}

Shape without_last(const Shape& shape) { return Shape(std::span(shape.begin(), shape.end() - 1)); }

constexpr Tolerance loss_tolerance = double_precision ? Tolerance{1e-10, 1e-12} : Tolerance{3e-6, 1e-6};

void expect_cross_entropy(const Array& logits, const Indices& labels, const CrossEntropyOptions& options,
                          Tolerance tolerance = loss_tolerance) {
  const Array grad = randn(labels.shape(), 77);
  const PlainCrossEntropy expected = plain_cross_entropy(logits, labels, options, grad);
  dirty(labels.shape());
  const CrossEntropyRows rows = fused_cross_entropy_forward(logits, labels, options);
  ASSERT_TRUE(near(rows.losses, labels.shape(), expected.losses, tolerance));
  ASSERT_TRUE(near(rows.row_max, labels.shape(), expected.maxima, exactly));
  ASSERT_TRUE(near(rows.log_sum, labels.shape(), expected.log_sums, tolerance));
  dirty(logits.shape());
  ASSERT_TRUE(near(fused_cross_entropy_backward(grad, logits, labels, rows, options), logits.shape(), expected.dx,
                   gradient_tolerance));
}

TEST(Unit_18_6, CrossEntropyAgainstTheFormula) {
  std::uint64_t seed = 1;
  for (const Shape& shape : {Shape{1, 1}, Shape{1, 5}, Shape{63, 7}, Shape{64, 8}, Shape{65, 9}, Shape{3, 50, 11},
                             Shape{6}, Shape{5, 700}}) {
    for (const Real smoothing : {Real(0), Real(0.1), Real(1)}) {
      const Array logits = uniform(shape, seed, -4, 4);
      const Indices labels = random_labels(without_last(shape), shape[shape.rank() - 1], seed + 1);
      expect_cross_entropy(logits, labels, {.label_smoothing = smoothing});
      ASSERT_FALSE(HasFailure()) << shape.str() << ", smoothing " << smoothing;
      seed += 2;
    }
  }
}

TEST(Unit_18_6, CrossEntropyOfNothing) {
  const CrossEntropyRows rows = fused_cross_entropy_forward(Array(Shape{0, 4}), Indices(Shape{0}), {});
  EXPECT_EQ(rows.losses.shape(), Shape({0}));
  EXPECT_EQ(fused_cross_entropy_backward(Array(Shape{0}), Array(Shape{0, 4}), Indices(Shape{0}), rows, {}).shape(),
            Shape({0, 4}));
  const CrossEntropyRows none = fused_cross_entropy_forward(Array(Shape{0, 0}), Indices(Shape{0}), {});
  EXPECT_EQ(none.losses.shape(), Shape({0})) << "no rows of no classes";
}

TEST(Unit_18_6, IgnoredRowsAreExactlyZero) {  // also where their logits are NaN
  for (const std::int32_t ignore : {-100, 2}) {
    Array logits = randn({70, 4}, 20);
    Indices labels = random_labels({70}, 4, 21);
    for (int row = 0; row < 70; row += 3) labels.mutable_data()[row] = ignore;
    for (const Real smoothing : {Real(0), Real(0.2)}) {
      const CrossEntropyOptions options{.ignore_index = ignore, .label_smoothing = smoothing};
      expect_cross_entropy(logits, labels, options);
    }
    logits.mutable_data()[3 * 4 + 1] = nan;
    const CrossEntropyOptions options{.ignore_index = ignore};
    const CrossEntropyRows rows = fused_cross_entropy_forward(logits, labels, options);
    EXPECT_EQ(rows.losses.data()[3], 0);
    const Array dx = fused_cross_entropy_backward(ones({70}), logits, labels, rows, options);
    for (int c = 0; c < 4; ++c) EXPECT_EQ(dx.data()[12 + c], 0) << c;
  }
}

TEST(Unit_18_6, LogitsFarOut) {
  const Real far = Real(1e4);
  const Array logits({4, 3}, {far, -far, 0, -far, far, far, -far, -far, -far, 0, 1, -far});
  for (const Real smoothing : {Real(0), Real(0.3)}) {
    expect_cross_entropy(logits, Indices({4}, {1, 2, 0, 2}), {.label_smoothing = smoothing});
  }
}

TEST(Unit_18_6, ClassesThatAreRuledOut) {  // -inf: p = 0, and without smoothing 0 · -inf must not appear
  const Array logits({2, 3}, {1, -inf, 2, -inf, 0, -inf});
  const Indices labels({2}, {0, 1});
  expect_cross_entropy(logits, labels, {});
  const CrossEntropyRows smoothed = fused_cross_entropy_forward(logits, labels, {.label_smoothing = Real(0.1)});
  EXPECT_TRUE(near(smoothed.losses, {2}, {inf, inf}, exactly));
}

TEST(Unit_18_6, ANanReachesItsLoss) {
  const Array logits({2, 3}, {1, nan, 2, 0, 0, 0});
  const CrossEntropyRows rows = fused_cross_entropy_forward(logits, Indices({2}, {0, 1}), {});
  EXPECT_TRUE(near(rows.losses, {2}, {nan, std::log(3.0)}, loss_tolerance));
}

TEST(Unit_18_6, CrossEntropyEqualsTheOneItReplaces) {
  const Array logits = uniform({130, 40}, 30, -9, 9), grad = randn({130}, 31);
  const Indices labels = random_labels({130}, 40, 32);
  const CrossEntropyOptions options{.ignore_index = 7, .label_smoothing = Real(0.1)};
  const CrossEntropyRows fused = fused_cross_entropy_forward(logits, labels, options);
  const CrossEntropyRows composed = cross_entropy_forward(logits, labels, options);
  EXPECT_TRUE(near(fused.losses, composed.losses, loss_tolerance));
  EXPECT_TRUE(near(fused_cross_entropy_backward(grad, logits, labels, fused, options),
                   cross_entropy_backward(grad, logits, labels, composed, options), gradient_tolerance));
}

TEST(Unit_18_6, CrossEntropyDoesNotDependOnTheThreads) {
  const Array logits = randn({1000, 17}, 40), grad = randn({1000}, 41);
  const Array before = logits.clone();
  const Indices labels = random_labels({1000}, 17, 42);
  expect_same_bits_for_any_threads([&] {
    const CrossEntropyRows rows = fused_cross_entropy_forward(logits, labels, {.label_smoothing = Real(0.1)});
    return Arrays{rows.losses, rows.row_max, rows.log_sum,
                  fused_cross_entropy_backward(grad, logits, labels, rows, {.label_smoothing = Real(0.1)})};
  });
  EXPECT_TRUE(same_bits(logits, before));
}

}  // namespace
}  // namespace rushlight::test
