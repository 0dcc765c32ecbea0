// Learned and sinusoidal positions.
#include <cmath>
#include <limits>
#include <numbers>

#include "11_embeddings/embeddings.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

// --- 11.3 -------------------------------------------------------------------------------------------------------

LearnedPositions learned(PositionOptions options, std::uint64_t seed = 1) {
  Generator g(seed);
  return LearnedPositions(options, g);
}

LearnedPositions counted() {  // row t is (2t, 2t + 1)
  LearnedPositions positions = learned({.length = 4, .width = 2});
  positions.weight.set_value(Array({4, 2}, {0, 1, 2, 3, 4, 5, 6, 7}));
  return positions;
}

TEST(Unit_11_3, WeightsAreSmallNormals) {
  const LearnedPositions positions = learned({.length = 200, .width = 50});
  ASSERT_EQ(positions.weight.shape(), (Shape{200, 50}));
  double sum = 0, squares = 0;
  for (const Real value : positions.weight.value().data()) {
    sum += value;
    squares += static_cast<double>(value) * value;
  }
  EXPECT_NEAR(sum / 10000, 0, 0.0008);
  EXPECT_NEAR(std::sqrt(squares / 10000), 0.02, 0.0006) << "0.02 is the deviation, not the variance";
}

TEST(Unit_11_3, TheNextLayerDrawsOn) {
  Generator g(1);
  const Array first = LearnedPositions({.length = 5, .width = 3}, g).weight.value();
  EXPECT_FALSE(same_bits(LearnedPositions({.length = 5, .width = 3}, g).weight.value(), first));
  EXPECT_TRUE(same_bits(learned({.length = 5, .width = 3}).weight.value(), first)) << "and the same seed repeats";
}

TEST(Unit_11_3, TheWeightIsTheOnlyParameter) {
  LearnedPositions positions = counted();
  ASSERT_EQ(positions.named_parameters().size(), 1u);
  EXPECT_EQ(positions.named_parameters()[0].first, "weight");
  EXPECT_TRUE(positions.weight.requires_grad());
}

TEST(Unit_11_3, TheFirstRows) {
  EXPECT_TRUE(near(counted().forward(2).value(), {2, 2}, {0, 1, 2, 3}, exactly));
  EXPECT_TRUE(near(counted().forward(4).value(), {4, 2}, {0, 1, 2, 3, 4, 5, 6, 7}, exactly));
  EXPECT_TRUE(near(counted().forward(0).value(), {0, 2}, {}, exactly));
}

TEST(Unit_11_3, RowsFromAStart) {
  EXPECT_TRUE(near(counted().forward(2, 1).value(), {2, 2}, {2, 3, 4, 5}, exactly));
  EXPECT_TRUE(near(counted().forward(1, 3).value(), {1, 2}, {6, 7}, exactly));
  EXPECT_TRUE(near(counted().forward(0, 4).value(), {0, 2}, {}, exactly));
}

TEST(Unit_11_3, BroadcastsOverABatch) {
  const Tensor x = Array::full({2, 3, 2}, 100);
  const Array y = (x + counted().forward(3)).value();
  EXPECT_TRUE(near(y, {2, 3, 2}, {100, 101, 102, 103, 104, 105, 100, 101, 102, 103, 104, 105}, exactly));
}

TEST(Unit_11_3, TheWeightIsLeftAlone) {
  LearnedPositions positions = counted();
  const Array before = positions.weight.value().clone();
  for (const bool training : {true, false}) {
    positions.train(training);
    positions.forward(4), positions.forward(2, 1);
    EXPECT_TRUE(same_bits(positions.weight.value(), before));
  }
}

TEST(Unit_11_3, TheOutputKnowsItsWeight) {
  LearnedPositions positions = counted();
  const Tensor y = positions.forward(2);
  ASSERT_TRUE(y.requires_grad());
  EXPECT_TRUE(Tape(y, ones({2, 2})).reached(positions.weight));
}

TEST(Unit_11_3, ErrorsNameWhatWasAskedFor) {
  LearnedPositions positions = counted();
  EXPECT_THROWS_WITH(positions.forward(5), ShapeError, "LearnedPositions", "5 positions from 0", "4");
  EXPECT_THROWS_WITH(positions.forward(2, 3), ShapeError, "2 positions from 3", "4");
  EXPECT_THROWS_WITH(positions.forward(1, -1), ShapeError, "1 positions from -1");
  EXPECT_THROWS_WITH(positions.forward(-1), ShapeError, "-1 positions");
  constexpr std::int64_t far = std::numeric_limits<std::int64_t>::max();
  EXPECT_THROWS_WITH(positions.forward(1, far), ShapeError, "1 positions from " + std::to_string(far));
  EXPECT_THROWS_WITH(positions.forward(far, 1), ShapeError, std::to_string(far) + " positions from 1");
  constexpr std::int64_t beyond_32_bits = std::int64_t{1} << 32;  // its lower half is 0
  EXPECT_THROWS_WITH(positions.forward(2, beyond_32_bits), ShapeError, "2 positions from 4294967296");
  EXPECT_THROWS_WITH(positions.forward(beyond_32_bits), ShapeError, "4294967296 positions from 0");
  EXPECT_THROWS_WITH(positions.forward(0, 5), ShapeError, "0 positions from 5");
  EXPECT_THROWS_WITH(learned({.length = 0, .width = 2}), ValueError, "LearnedPositions", "length is 0");
  EXPECT_THROWS_WITH(learned({.length = 2, .width = 0}), ValueError, "LearnedPositions", "width is 0");
}

// --- 11.4 -------------------------------------------------------------------------------------------------------

constexpr Tolerance row_rounding =
    double_precision ? Tolerance{0, 1e-12} : Tolerance{0, 1e-7};  // all values are in [-1, 1]

TEST(Unit_11_4, ByHand) {
  const std::vector<double> expected{0,
                                     1,
                                     0,
                                     1,  //
                                     std::sin(1),
                                     std::cos(1),
                                     std::sin(0.01),
                                     std::cos(0.01),  //
                                     std::sin(2),
                                     std::cos(2),
                                     std::sin(0.02),
                                     std::cos(0.02)};  // 10000^(2/4) = 100
  EXPECT_TRUE(near(sinusoidal_positions(3, 4), {3, 4}, expected, row_rounding));
}

TEST(Unit_11_4, AnOddWidthEndsWithASine) {
  const double slow = std::pow(10000, -2.0 / 3);
  EXPECT_TRUE(
      near(sinusoidal_positions(2, 3), {2, 3}, {0, 1, 0, std::sin(1), std::cos(1), std::sin(slow)}, row_rounding));
  EXPECT_TRUE(near(sinusoidal_positions(2, 1), {2, 1}, {0, std::sin(1)}, row_rounding));
}

TEST(Unit_11_4, EveryEntryIsItsFormula) {
  const Array table = sinusoidal_positions(60, 16);
  ASSERT_EQ(table.shape(), (Shape{60, 16}));
  std::vector<double> expected;
  for (int t = 0; t < 60; ++t) {
    for (int i = 0; i < 8; ++i) {
      const double angle = t / std::exp(std::log(10000.0) * 2 * i / 16);
      expected.push_back(std::sin(angle));
      expected.push_back(std::cos(angle));
    }
  }
  EXPECT_TRUE(near(table, {60, 16}, expected, row_rounding));
}

// The law that made Vaswani et al. choose sines: row t + k is row t with each pair turned by an angle that depends on k
// alone. So "k to the left" is the same linear map everywhere.
TEST(Unit_11_4, AShiftIsARotation) {
  const Array table = sinusoidal_positions(40, 6);
  for (int t = 0; t + 7 < 40; ++t) {
    for (int i = 0; i < 3; ++i) {
      const double angle = 7 * std::pow(10000, -i / 3.0);
      const double sine = table.data()[t * 6 + 2 * i], cosine = table.data()[t * 6 + 2 * i + 1];
      EXPECT_NEAR(table.data()[(t + 7) * 6 + 2 * i], sine * std::cos(angle) + cosine * std::sin(angle), 1e-6);
      EXPECT_NEAR(table.data()[(t + 7) * 6 + 2 * i + 1], cosine * std::cos(angle) - sine * std::sin(angle), 1e-6);
    }
  }
}

TEST(Unit_11_4, EveryPositionDiffers) {
  const Array table = sinusoidal_positions(64, 8);
  for (int a = 0; a < 64; ++a) {
    for (int b = 0; b < a; ++b) {
      double distance = 0;
      for (int c = 0; c < 8; ++c) distance += std::abs(table.data()[a * 8 + c] - table.data()[b * 8 + c]);
      EXPECT_GT(distance, 0.1) << "positions " << a << " and " << b;
    }
  }
}

// At 100,003 a float angle is off by up to 0.004; an angle that is kept in double is not.
TEST(Unit_11_4, FarPositionsKeepTheirDigits) {
  const Array last = slice(sinusoidal_positions(100'004, 4), 0, {100'003});
  const double t = 100'003;
  EXPECT_TRUE(near(last, {1, 4}, {std::sin(t), std::cos(t), std::sin(t / 100), std::cos(t / 100)}, row_rounding));
}

TEST(Unit_11_4, EveryTableIsItsOwn) {  // whoever scales one changes no other
  Array first = sinusoidal_positions(3, 4);
  const Array before = first.clone();
  for (Real& each : first.mutable_data()) each = 9;
  EXPECT_TRUE(same_bits(sinusoidal_positions(3, 4), before));
  EXPECT_EQ(sinusoidal_positions(4, 3).shape(), (Shape{4, 3}));
  EXPECT_TRUE(same_bits(sinusoidal_positions(3, 4), before));
}

TEST(Unit_11_4, EmptyAndNegative) {
  EXPECT_EQ(sinusoidal_positions(0, 4).shape(), (Shape{0, 4}));
  EXPECT_EQ(sinusoidal_positions(4, 0).shape(), (Shape{4, 0}));
  EXPECT_THROWS_WITH(sinusoidal_positions(-1, 4), ValueError, "-1");
  EXPECT_THROWS_WITH(sinusoidal_positions(4, -2), ValueError, "-2");
}

}  // namespace
}  // namespace rushlight::test
