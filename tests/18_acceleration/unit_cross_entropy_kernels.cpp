// Cross-entropy, row by row, against the formulas in double.
#include "plain.hpp"

namespace rushlight::test {
namespace {

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
