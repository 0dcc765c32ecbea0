// Rotary positions: by hand, against a plain loop in double, and the three laws that they exist for.
#include <cmath>

#include "11_embeddings/embeddings.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

// The header's formula, pair by pair, in double.
std::vector<double> turned(const Array& x, double base, double start) {
  const std::int64_t rows = x.dim(-2), width = x.dim(-1);
  std::vector<double> y(static_cast<std::size_t>(x.size()));
  for (std::int64_t i = 0; i < x.size(); i += 2) {
    const double position = start + static_cast<double>(i / width % rows);
    const double angle = position / std::pow(base, static_cast<double>(i % width) / static_cast<double>(width));
    const double a = x.data()[i], b = x.data()[i + 1];
    y[i] = a * std::cos(angle) - b * std::sin(angle);
    y[i + 1] = a * std::sin(angle) + b * std::cos(angle);
  }
  return y;
}

constexpr Tolerance rounding = double_precision ? Tolerance{0, 1e-11} : Tolerance{1e-6, 1e-6};

double dot(const Array& a, const Array& b) {
  double total = 0;
  for (std::int64_t i = 0; i < a.size(); ++i) total += static_cast<double>(a.data()[i]) * b.data()[i];
  return total;
}

TEST(Unit_11_5, OnePairByHand) {
  const Array y = rotary(Array({3, 2}, {1, 0, 1, 0, 0, 1})).value();
  EXPECT_TRUE(near(y, {3, 2}, {1, 0, std::cos(1), std::sin(1), -std::sin(2), std::cos(2)}, rounding));
}

TEST(Unit_11_5, TheSecondPairTurnsMoreSlowly) {
  const Array y = rotary(Array({2, 4}, {1, 0, 1, 0, 1, 0, 1, 0})).value();  // 10000^(2/4) = 100
  const std::vector<double> expected{1, 0, 1, 0, std::cos(1), std::sin(1), std::cos(0.01), std::sin(0.01)};
  EXPECT_TRUE(near(y, {2, 4}, expected, rounding));
}

TEST(Unit_11_5, NeighboursFormThePairs) {  // and not x[i] with x[i + K/2], as in GPT-NeoX
  const Array y = rotary(Array({1, 4}, {0, 1, 0, 0}), {.start = 1}).value();
  EXPECT_TRUE(near(y, {1, 4}, {-std::sin(1), std::cos(1), 0, 0}, rounding));
}

TEST(Unit_11_5, PositionZeroIsLeftAlone) {
  const Array x = randn({2, 1, 6}, 1);
  EXPECT_TRUE(same_bits(rotary(x).value(), x));
}

TEST(Unit_11_5, EveryEntryIsItsFormula) {
  std::uint64_t seed = 1;
  for (const Shape& shape : {Shape{1, 2}, Shape{5, 8}, Shape{3, 4, 6}, Shape{2, 3, 5, 4}, Shape{2, 1, 2, 3, 2}}) {
    const Array x = randn(shape, seed++);
    EXPECT_TRUE(near(rotary(x).value(), shape, turned(x, 10000, 0), rounding));
    EXPECT_TRUE(near(rotary(x, {.base = 50, .start = 3}).value(), shape, turned(x, 50, 3), rounding));
  }
}

// One thing changes from call to call, so that nothing kept from the call before may answer.
TEST(Unit_11_5, EveryOptionCountsInEveryCall) {
  const Array x = randn({3, 4}, 9), longer = randn({4, 4}, 10), wider = randn({3, 6}, 11);
  const std::vector<RotaryOptions> turns{
      {.base = 10000}, {.base = 50}, {.base = 1}, {.base = 0.5}, {.base = 0.5, .start = 2}, {.base = 10000, .start = 2},
      {.base = 10000}};
  for (const Array& each : {x, longer, x, wider, x}) {
    for (const auto& [base, start] : turns) {
      const Array y = rotary(each, {.base = base, .start = start}).value();
      EXPECT_TRUE(near(y, each.shape(), turned(each, base, static_cast<double>(start)), rounding))
          << "base " << base << ", start " << start;
    }
  }
}

TEST(Unit_11_5, LengthsStay) {
  const Array x = randn({4, 7, 8}, 2), y = rotary(x, {.start = 5}).value();
  for (std::int64_t i = 0; i < x.size(); i += 2) {
    EXPECT_NEAR(std::hypot(y.data()[i], y.data()[i + 1]), std::hypot(x.data()[i], x.data()[i + 1]), 2e-6) << i;
  }
}

// The law that RoPE is made for: q at position m times k at position n depends on m - n alone.
TEST(Unit_11_5, ProductsDependOnTheDistanceAlone) {
  const Array q = randn({1, 8}, 3), k = randn({1, 8}, 4);
  const auto score = [&](std::int64_t m, std::int64_t n) {
    return dot(rotary(q, {.start = m}).value(), rotary(k, {.start = n}).value());
  };
  for (const std::int64_t distance : {0, 1, 5, -3}) {
    const double expected = score(10, 10 - distance);
    for (const std::int64_t m : {11, 40, 500}) EXPECT_NEAR(score(m, m - distance), expected, 1e-5) << m;
  }
  EXPECT_NEAR(score(7, 7), dot(q, k), 1e-5) << "at equal positions nothing has happened";
  EXPECT_GT(std::abs(score(10, 9) - score(10, 4)), 0.01) << "different distances must differ";
}

// A cache hands over the new rows alone; they must come out as if the whole sequence had been turned.
TEST(Unit_11_5, AStartIsASliceOfALongerOne) {
  const Array x = randn({2, 9, 6}, 5);
  const Array whole = rotary(x).value();
  EXPECT_TRUE(same_bits(rotary(slice(x, 1, {4}), {.start = 4}).value(), slice(whole, 1, {4})));
  EXPECT_TRUE(same_bits(rotary(slice(x, 1, {8}), {.start = 8}).value(), slice(whole, 1, {8})));
}

TEST(Unit_11_5, ANegativeStartTurnsBack) {
  const Array x = randn({1, 6}, 6);
  EXPECT_TRUE(near(rotary(rotary(x, {.start = 9}), {.start = -9}).value(), x, rounding));
}

// At 100,003 a float angle is off by up to 0.004; an angle that is kept in double is not.
TEST(Unit_11_5, FarPositionsKeepTheirDigits) {
  const double t = 100'003;
  const Array y = rotary(Array({1, 4}, {1, 0, 1, 0}), {.start = 100'003}).value();
  EXPECT_TRUE(near(y, {1, 4}, {std::cos(t), std::sin(t), std::cos(t / 100), std::sin(t / 100)}, rounding));
}

TEST(Unit_11_5, APositionIsNoFloat) {  // 2^24 + 1 is the first number that a float rounds to its neighbour
  const std::int64_t start = (std::int64_t{1} << 24) + 1;
  const auto t = static_cast<double>(start);
  const Array y = rotary(Array({2, 2}, {1, 0, 1, 0}), {.start = start}).value();
  EXPECT_TRUE(near(y, {2, 2}, {std::cos(t), std::sin(t), std::cos(t + 1), std::sin(t + 1)}, rounding));
}

TEST(Unit_11_5, APositionHas64Bits) {
  for (const int bits : {31, 32, 40, 50}) {
    const std::int64_t far = std::int64_t{1} << bits;
    for (const std::int64_t start : {far + 3, far + 4, -far - 3}) {
      const auto t = static_cast<double>(start);
      const Array y = rotary(Array({2, 2}, {1, 0, 1, 0}), {.start = start}).value();
      EXPECT_TRUE(near(y, {2, 2}, {std::cos(t), std::sin(t), std::cos(t + 1), std::sin(t + 1)}, rounding)) << start;
    }
  }
}

TEST(Unit_11_5, EveryResultIsItsOwn) {  // nothing kept from a call before is what the caller has changed since
  const Array x = randn({3, 4}, 12), before = rotary(x, {.start = 2}).value().clone();
  Array first = rotary(x, {.start = 2}).value();
  for (Real& each : first.mutable_data()) each = 9;
  EXPECT_TRUE(same_bits(rotary(x, {.start = 2}).value(), before));
}

TEST(Unit_11_5, WithAnInfiniteBaseOnlyTheFirstPairTurns) {
  const Array y = rotary(Array({1, 6}, {1, 0, 2, 3, 4, 5}), {.base = infinity, .start = 2}).value();
  EXPECT_TRUE(near(y, {1, 6}, {std::cos(2), std::sin(2), 2, 3, 4, 5}, rounding));
}

TEST(Unit_11_5, LargeNumbersAndNaN) {
  const Real nan = std::numeric_limits<Real>::quiet_NaN();
  const Array x({1, 4}, {Real(1e4), Real(-1e4), nan, 1});
  const Array y = rotary(x, {.start = 1}).value();
  const double c = std::cos(1), s = std::sin(1);
  EXPECT_TRUE(near(y, {1, 4}, {1e4 * (c + s), 1e4 * (s - c), nan, nan}, {1e-6, 1e-6}));
}

TEST(Unit_11_5, OneOpThatSavesNoValue) {
  const Array before = randn({3, 4}, 7);
  const Tensor x(before.clone(), true);
  const Tensor y = rotary(x);
  ASSERT_TRUE(y.requires_grad());
  EXPECT_STREQ(y.node()->op, "rotary");
  EXPECT_EQ(y.node()->inputs.at(0).node, x.node());
  EXPECT_FALSE(y.node()->inputs.at(0).saved.defined()) << "the angles are enough for the backward pass";
  EXPECT_FALSE(y.node()->saved_output.defined());
  EXPECT_TRUE(same_bits(x.value(), before)) << "the input must not change";
  EXPECT_FALSE(rotary(before).requires_grad());
}

TEST(Unit_11_5, ItIsAnOpAlsoWhereNothingTurns) {
  for (const Shape& shape : {Shape{1, 4}, Shape{2, 1, 4}, Shape{0, 4}, Shape{3, 0}}) {
    const Tensor x(zeros(shape), true), y = rotary(x);
    EXPECT_STREQ(y.node()->op, "rotary") << shape.str();
    EXPECT_NE(y.node(), x.node()) << shape.str();
  }
}

TEST(Unit_11_5, EmptyShapes) {
  for (const Shape& shape : {Shape{0, 4}, Shape{3, 0}, Shape{0, 3, 2}, Shape{2, 0, 2}}) {
    EXPECT_EQ(rotary(zeros(shape)).shape(), shape);
  }
}

TEST(Unit_11_5, ErrorsNameShapeAndRule) {
  EXPECT_THROWS_WITH(rotary(zeros({3, 5})), ShapeError, "(3, 5)");
  EXPECT_THROWS_WITH(rotary(zeros({4})), ShapeError, "(4,)");
  EXPECT_THROWS_WITH(rotary(zeros({5})), ShapeError, "(5,)");
  EXPECT_THROWS_WITH(rotary(zeros({})), ShapeError, "()");
  for (const double base : {0.0, -2.0, std::nan("")}) {
    EXPECT_THROWS_WITH(rotary(zeros({3, 4}), {.base = base}), ValueError, "base");
  }
}

}  // namespace
}  // namespace rushlight::test
