// Masks, and the softmax that obeys them. true = may attend.
#include "oracle.hpp"

namespace rushlight::test {
namespace {

// --- 12.1 -------------------------------------------------------------------------------------------------------

TEST(Unit_12_1, TheTriangle) {
  EXPECT_TRUE(same(causal_mask(3, 3), {3, 3},
                   {1, 0, 0,  //
                    1, 1, 0,  //
                    1, 1, 1}));
}

TEST(Unit_12_1, OlderKeysAreSeenByAll) {  // the last query stands where the last key stands
  EXPECT_TRUE(same(causal_mask(2, 5), {2, 5},
                   {1, 1, 1, 1, 0,  //
                    1, 1, 1, 1, 1}));
  EXPECT_TRUE(same(causal_mask(1, 4), {1, 4}, {1, 1, 1, 1}));
}

TEST(Unit_12_1, QueriesBeforeTheFirstKeySeeNothing) {
  EXPECT_TRUE(same(causal_mask(3, 2), {3, 2},
                   {0, 0,  //
                    1, 0,  //
                    1, 1}));
}

TEST(Unit_12_1, NoQueriesOrNoKeys) {
  EXPECT_EQ(causal_mask(0, 3).shape(), (Shape{0, 3}));
  EXPECT_EQ(causal_mask(3, 0).shape(), (Shape{3, 0}));
  EXPECT_THROWS_WITH(causal_mask(-1, 3), ShapeError, "-1");
  EXPECT_THROWS_WITH(causal_mask(3, -1), ShapeError, "-1");
}

TEST(Unit_12_1, PaddingHidesWhatLiesBehindTheLength) {
  const Mask mask = padding_mask(Indices({4}, {2, 3, 0, 1}), 3);
  EXPECT_TRUE(same(mask, {4, 1, 1, 3}, {1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 0}));
}

TEST(Unit_12_1, PaddingErrors) {
  EXPECT_THROWS_WITH(padding_mask(Indices({2}, {2, 4}), 3), ValueError, "4", "3");
  EXPECT_THROWS_WITH(padding_mask(Indices({1}, {-1}), 3), ValueError, "length -1");
  EXPECT_THROWS_WITH(padding_mask(Indices({1, 1}, {1}), 3), ShapeError, "(1, 1)");
  EXPECT_THROWS_WITH(padding_mask(Indices({}, {1}), 3), ShapeError, "()");
  EXPECT_THROWS_WITH(padding_mask(Indices({1}, {0}), -1), ShapeError, "-1");
}

TEST(Unit_12_1, BothMustAllow) {
  EXPECT_TRUE(same(mask_and(mask_of({4}, {0, 0, 1, 1}), mask_of({4}, {0, 1, 0, 1})), {4}, {0, 0, 0, 1}));
}

TEST(Unit_12_1, AndBroadcastsBothWays) {
  EXPECT_TRUE(same(mask_and(mask_of({2, 1}, {1, 0}), mask_of({3}, {1, 0, 1})), {2, 3}, {1, 0, 1, 0, 0, 0}));
  EXPECT_TRUE(same(mask_and(mask_of({}, {1}), mask_of({2}, {1, 0})), {2}, {1, 0}));
  EXPECT_TRUE(same(mask_and(mask_of({2}, {1, 0}), mask_of({2, 2}, {1, 1, 0, 1})), {2, 2}, {1, 0, 0, 0}));
  EXPECT_EQ(mask_and(mask_of({1, 3}, {1, 1, 1}), Mask(Shape{0, 3})).shape(), (Shape{0, 3}));
  for (const std::uint8_t one : {0, 1}) {  // a single place has a rank, too
    const std::vector<int> expected{one, 0, one};
    EXPECT_TRUE(same(mask_and(mask_of({1, 1, 1}, {one}), mask_of({3}, {1, 0, 1})), {1, 1, 3}, expected));
    EXPECT_TRUE(same(mask_and(mask_of({3}, {1, 0, 1}), mask_of({1, 1, 1}, {one})), {1, 1, 3}, expected));
  }
}

TEST(Unit_12_1, CausalAndPaddingTogether) {
  const Mask both = mask_and(padding_mask(Indices({2}, {3, 1}), 3), causal_mask(3, 3));
  EXPECT_TRUE(same(both, {2, 1, 3, 3}, {1, 0, 0, 1, 1, 0, 1, 1, 1, 1, 0, 0, 1, 0, 0, 1, 0, 0}));
}

TEST(Unit_12_1, AndLeavesItsArgumentsAlone) {
  const Mask a = mask_of({2}, {1, 1}), b = mask_of({2}, {0, 1});
  mask_and(a, b);
  EXPECT_TRUE(same(a, {2}, {1, 1}));
  EXPECT_TRUE(same(b, {2}, {0, 1}));
  EXPECT_THROWS_WITH(mask_and(mask_of({2}, {1, 1}), mask_of({3}, {1, 1, 1})), ShapeError, "(2,)", "(3,)");
}

// --- 12.2 -------------------------------------------------------------------------------------------------------

Array logs(const Shape& shape, const std::vector<double>& values) {
  Array x(shape);
  std::transform(values.begin(), values.end(), x.mutable_data().begin(), [](double value) { return std::log(value); });
  return x;
}

// Row by row, in double.
std::vector<double> plain(const Array& scores, const Mask& mask) {
  const std::int64_t length = scores.dim(-1);
  Shape padded;  // rank 4, as broadcast_at wants it
  for (int axis = scores.rank(); axis < 4; ++axis) padded.push_back(1);
  for (const std::int64_t size : scores.shape()) padded.push_back(size);
  std::vector<double> result;
  for (std::int64_t row = 0; row < scores.size() / length; ++row) {
    const std::int64_t t = row % padded[2], h = row / padded[2] % padded[1], b = row / padded[2] / padded[1];
    double total = 0;
    for (std::int64_t s = 0; s < length; ++s) {
      const bool seen = broadcast_at(mask.data(), mask.shape(), b, h, t, s) != 0;
      result.push_back(seen ? std::exp(static_cast<double>(scores.data()[row * length + s])) : 0);
      total += result.back();
    }
    for (std::int64_t s = 0; s < length; ++s) result[row * length + s] /= total == 0 ? 1 : total;
  }
  return result;
}

TEST(Unit_12_2, ByHand) {
  const Array p =
      masked_softmax(logs({2, 4}, {1, 2, 3, 4, 1, 2, 3, 4}), mask_of({2, 4}, {1, 0, 1, 0, 0, 1, 1, 1})).value();
  EXPECT_TRUE(near(p, {2, 4}, {0.25, 0, 0.75, 0, 0, 2 / 9.0, 3 / 9.0, 4 / 9.0}));
}

// The same numbers under the opposite convention would be (0, 2/6, 0, 4/6): no tolerance confuses the two.
TEST(Unit_12_2, TrueMayBeSeen) {
  const Array p = masked_softmax(logs({4}, {1, 2, 3, 4}), mask_of({4}, {1, 0, 1, 0})).value();
  EXPECT_GT(p.data()[0], 0.2);
  EXPECT_EQ(p.data()[1], 0);
  EXPECT_GT(p.data()[2], 0.7);
  EXPECT_EQ(p.data()[3], 0);
}

TEST(Unit_12_2, ItIsNotUniform) {  // what a clash of conventions gave others: every visible key alike
  const Array p = masked_softmax(logs({3}, {1, 2, 5}), mask_of({3}, {1, 1, 1})).value();
  EXPECT_TRUE(near(p, {3}, {0.125, 0.25, 0.625}));
}

TEST(Unit_12_2, EveryShapeOfMask) {
  std::uint64_t seed = 1;
  const Array scores = randn({2, 3, 4, 5}, 7);
  for (const Shape& shape : {Shape{2, 3, 4, 5}, Shape{4, 5}, Shape{2, 1, 1, 5}, Shape{5}, Shape{4, 1},
                             Shape{1, 3, 1, 5}, Shape{3, 1, 1}, Shape{1}, Shape{}}) {
    const Mask mask = random_mask(shape, seed++);
    EXPECT_TRUE(near(masked_softmax(scores, mask).value(), scores.shape(), plain(scores, mask))) << shape.str();
  }
}

TEST(Unit_12_2, RandomRows) {
  for (std::uint64_t seed = 20; seed < 40; ++seed) {
    const Shape shape{static_cast<std::int64_t>(1 + seed % 3), static_cast<std::int64_t>(1 + seed)};
    const Array scores = uniform(shape, seed, -8, 8);
    const Mask mask = random_mask(shape, seed);
    EXPECT_TRUE(near(masked_softmax(scores, mask).value(), shape, plain(scores, mask)));
  }
}

TEST(Unit_12_2, ARowThatSeesNothingIsZeros) {
  const Array p = masked_softmax(randn({3, 4}, 2), mask_of({3, 4}, {1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0})).value();
  for (int s = 0; s < 4; ++s) EXPECT_EQ(p.data()[4 + s], 0) << "key " << s;
  EXPECT_NEAR(p.data()[0] + p.data()[1], 1, 1e-6);
  EXPECT_EQ(p.data()[10], 1);
}

TEST(Unit_12_2, MinusInfinityCountsAsMasked) {
  const Real hidden = static_cast<Real>(-infinity);
  const Array p = masked_softmax(Array({2, 3}, {hidden, 1, 1, hidden, hidden, hidden}), mask_of({1}, {1})).value();
  EXPECT_TRUE(near(p, {2, 3}, {0, 0.5, 0.5, 0, 0, 0}));
}

TEST(Unit_12_2, WhatIsMaskedDoesNotLeak) {
  const Real nan = static_cast<Real>(not_a_number), large = static_cast<Real>(infinity);
  const Array p =
      masked_softmax(Array({2, 4}, {nan, 1, large, 1, Real(1e30), 0, Real(-1e30), 0}), mask_of({4}, {0, 1, 0, 1}))
          .value();
  EXPECT_TRUE(near(p, {2, 4}, {0, 0.5, 0, 0.5, 0, 0.5, 0, 0.5}));
}

TEST(Unit_12_2, ANaNThatIsSeenIsReported) {
  const Array p =
      masked_softmax(Array({2, 2}, {static_cast<Real>(not_a_number), 1, 0, 0}), mask_of({2}, {1, 1})).value();
  EXPECT_TRUE(near(p, {2, 2}, {not_a_number, not_a_number, 0.5, 0.5}));
}

TEST(Unit_12_2, HugeAndTinyScores) {
  const Real tiny = std::numeric_limits<Real>::denorm_min();
  const Array p =
      masked_softmax(Array({3, 3}, {Real(1e4), Real(-1e4), Real(1e4), Real(-1e4), Real(-1e4), 7, tiny, 0, 9}),
                     mask_of({3}, {1, 1, 0}))
          .value();
  EXPECT_TRUE(near(p, {3, 3}, {1, 0, 0, 0.5, 0.5, 0, 0.5, 0.5, 0}));
}

TEST(Unit_12_2, OneOpThatSavesItsOutputAlone) {
  const Array before = randn({2, 3}, 3);
  const Tensor x(before.clone(), true);
  const Mask mask = mask_of({3}, {1, 0, 1});
  const Tensor p = masked_softmax(x, mask);
  ASSERT_TRUE(p.requires_grad());
  EXPECT_STREQ(p.node()->op, "masked_softmax");
  EXPECT_FALSE(p.node()->inputs.at(0).saved.defined());
  EXPECT_TRUE(p.node()->saved_output.shares_buffer_with(p.value()));
  EXPECT_TRUE(same_bits(x.value(), before)) << "the scores must not change";
  EXPECT_TRUE(same(mask, {3}, {1, 0, 1}));
  EXPECT_FALSE(masked_softmax(before, mask).requires_grad());
}

TEST(Unit_12_2, TheArrayFunctions) {
  const Array p = masked_softmax_forward(logs({1, 3}, {1, 2, 3}), mask_of({3}, {1, 0, 1}));
  EXPECT_TRUE(near(p, {1, 3}, {0.25, 0, 0.75}));
  const Array dx = masked_softmax_backward(Array({1, 3}, {4, 100, 8}), Array({1, 3}, {0.25, 0, 0.75}));
  EXPECT_TRUE(near(dx, {1, 3}, {-0.75, 0, 0.75}));  // the mean of 4 and 8 is 7: 0.25 · -3, 0.75 · 1
}

TEST(Unit_12_2, EmptyShapes) {
  EXPECT_EQ(masked_softmax(zeros({0, 3}), mask_of({3}, {1, 1, 1})).shape(), (Shape{0, 3}));
  EXPECT_EQ(masked_softmax(zeros({2, 0}), Mask(Shape{2, 0})).shape(), (Shape{2, 0}));
}

TEST(Unit_12_2, ErrorsNameBothShapes) {
  EXPECT_THROWS_WITH(masked_softmax(zeros({2, 4}), mask_of({3}, {1, 1, 1})), ShapeError, "masked_softmax", "(3,)",
                     "(2, 4)");
  EXPECT_THROWS_WITH(masked_softmax(zeros({4}), Mask(Shape{2, 4})), ShapeError, "masked_softmax", "(2, 4)", "(4,)");
  EXPECT_THROWS_WITH(masked_softmax(zeros({}), mask_of({}, {1})), ShapeError, "masked_softmax", "()");
  EXPECT_THROW(masked_softmax(zeros({4}), Mask()), Error);
  EXPECT_EQ(masked_softmax(zeros({4}), mask_of({1}, {1})).size(), 4);
}

}  // namespace
}  // namespace rushlight::test
