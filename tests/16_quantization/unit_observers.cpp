#include "helpers.hpp"

namespace rushlight::test {
namespace {

constexpr Scheme affine = Scheme::affine, symmetric = Scheme::symmetric;

TEST(Unit_16_2, MinMaxRemembersTheWidestRange) {
  MinMaxObserver observer;
  observer.observe(Array({3}, {1, 2, 3}));
  EXPECT_EQ(observer.calculate_qparams(), choose_qparams(1, 3, affine));
  observer.observe(Array({2}, {-4, 2}));
  observer.observe(Array({1}, {1}));
  EXPECT_EQ(observer.calculate_qparams(), choose_qparams(-4, 3, affine));
}

TEST(Unit_16_2, ABatchMayWidenBothEnds) {
  MinMaxObserver observer;
  observer.observe(Array({2}, {-1, 1}));
  observer.observe(Array({2}, {-3, 5}));
  EXPECT_EQ(observer.calculate_qparams(), choose_qparams(-3, 5, affine));
}

TEST(Unit_16_2, MinMaxSymmetric) {
  MinMaxObserver observer(symmetric);
  observer.observe(Array({2}, {-4, 2}));
  EXPECT_EQ(observer.calculate_qparams(), choose_qparams(-4, 2, symmetric));
}

TEST(Unit_16_2, TheMovingAverageStartsAtTheFirstBatch) {
  MovingAverageMinMaxObserver observer(affine, 0.25);
  observer.observe(Array({2}, {-2, 8}));
  EXPECT_EQ(observer.calculate_qparams(), choose_qparams(-2, 8, affine));
  observer.observe(Array({2}, {-6, 16}));  // -2 + (-4)/4, 8 + 8/4
  EXPECT_EQ(observer.calculate_qparams(), choose_qparams(-3, 10, affine));
  observer.observe(Array({2}, {-3, 2}));
  EXPECT_EQ(observer.calculate_qparams(), choose_qparams(-3, 8, affine));
}

TEST(Unit_16_2, BatchesOnOneSideOfZeroAreAveragedAsTheyAre) {
  MovingAverageMinMaxObserver above(affine, 0.25), below(affine, 0.25);
  above.observe(Array({2}, {8, 12}));
  above.observe(Array({2}, {-8, 12}));
  EXPECT_EQ(above.calculate_qparams(), choose_qparams(4, 12, affine));  // 8 + (-16)/4
  below.observe(Array({2}, {-12, -8}));
  below.observe(Array({2}, {-12, 8}));
  EXPECT_EQ(below.calculate_qparams(), choose_qparams(-12, -4, affine));
}

TEST(Unit_16_2, AFirstBatchThatEndsAtZeroIsABatch) {  // as behind a relu
  MovingAverageMinMaxObserver above(affine, 0.25), below(affine, 0.25), nothing(affine, 0.25);
  above.observe(Array({2}, {0, 8}));
  above.observe(Array({2}, {-8, 16}));
  EXPECT_EQ(above.calculate_qparams(), choose_qparams(-2, 10, affine));
  below.observe(Array({2}, {-8, 0}));
  below.observe(Array({2}, {-16, 8}));
  EXPECT_EQ(below.calculate_qparams(), choose_qparams(-10, 2, affine));
  nothing.observe(zeros({2}));
  nothing.observe(Array({2}, {-4, 4}));
  EXPECT_EQ(nothing.calculate_qparams(), choose_qparams(-1, 1, affine));
}

TEST(Unit_16_2, TheMovingAverageIsSlowByDefault) {
  MovingAverageMinMaxObserver observer(symmetric);
  observer.observe(Array({2}, {-1, 1}));
  observer.observe(Array({2}, {-1, 101}));
  EXPECT_EQ(observer.calculate_qparams(), choose_qparams(-1, 2, symmetric));
  EXPECT_THROWS_WITH(MovingAverageMinMaxObserver(affine, 0), ValueError, "averaging_constant", "0");
}

TEST(Unit_16_2, PercentilesAreInterpolated) {
  PercentileObserver observer(90);
  observer.observe(Array({3}, {40, 10, 0}));
  observer.observe(Array({2}, {30, 20}));
  EXPECT_EQ(observer.calculate_qparams(), choose_qparams(4, 36, affine));  // at 0.4 and 3.6 of 0, 10, 20, 30, 40
}

TEST(Unit_16_2, APercentileCutsBothEnds) {
  PercentileObserver observer(90);
  observer.observe(Array({5}, {-20, 20, 0, -10, 10}));
  EXPECT_EQ(observer.calculate_qparams(), choose_qparams(-16, 16, affine));  // at 0.4 and 3.6 of -20, -10, 0, 10, 20
}

TEST(Unit_16_2, EqualNumbersCountEachToAPercentile) {
  PercentileObserver observer(75);
  observer.observe(zeros({8}));
  observer.observe(Array({11}, {0, 10, 0, 20, 0, 30, 0, 40, 0, 50, 60}));
  EXPECT_EQ(observer.calculate_qparams(),
            choose_qparams(0, 15, affine));  // places 4.5 and 13.5 of 13 zeros, 10, 20, ...
}

TEST(Unit_16_2, APercentileLeavesOutliersOut) {
  Array x = uniform({2001}, 4, -1, 1);
  x.mutable_data()[77] = 1000;
  PercentileObserver all(100, symmetric), most(99, symmetric);
  all.observe(x);
  most.observe(x);
  EXPECT_EQ(all.calculate_qparams(), choose_qparams(-1000, 1000, symmetric));
  EXPECT_LT(most.calculate_qparams().scale, 1.0 / 127);
  EXPECT_GT(most.calculate_qparams().scale, 0.95 / 127);
  EXPECT_THROWS_WITH(PercentileObserver(50), ValueError, "percentile", "50");
}

double error_with(const Array& x, const QParams& params) {
  double total = 0;
  for (const Real value : x.data()) {
    const double q =
        std::min(127.0, std::max<double>(params.lowest, even_rounded(double{static_cast<float>(value) / params.scale}) +
                                                            params.zero_point));
    total += std::pow((q - params.zero_point) * double{params.scale} - static_cast<double>(value), 2);
  }
  return total;
}

TEST(Unit_16_2, TheLeastSquaredErrorOfAllShares) {
  Array x = randn({40000}, 6);
  x.mutable_data()[5] = 30;
  for (const Scheme scheme : {affine, symmetric}) {
    MSEObserver observer(scheme);
    observer.observe(x);
    double low = 0, high = 0, least = infinity;
    for (const Real value : x.data()) {
      low = std::min(low, static_cast<double>(value));
      high = std::max(high, static_cast<double>(value));
    }
    for (int percent = 100; percent >= 20; --percent) {
      least = std::min(least, error_with(x, choose_qparams(low * percent / 100, high * percent / 100, scheme)));
    }
    const double found = error_with(x, observer.calculate_qparams());
    EXPECT_LE(found, least * (1 + 1e-5));
    EXPECT_LT(found, 0.97 * error_with(x, choose_qparams(low, high, scheme))) << "clipping the outlier pays here";
  }
}

// One outlier, and so many numbers which a fifth of its range holds exactly that nothing wider is as good.
TEST(Unit_16_2, TheNarrowestRangeIsTriedToo) {
  constexpr Real outlier = 635;  // 5·127: the steps of the narrowest range are 1
  Generator random(4);
  Array x({420000});
  for (Real& value : x.mutable_data()) value = static_cast<Real>(random.below(255) - 127);
  x.mutable_data()[0] = outlier;
  MSEObserver observer(symmetric);
  observer.observe(x);
  EXPECT_FLOAT_EQ(observer.calculate_qparams().scale, 1);
}

TEST(Unit_16_2, OfEqualErrorsTheWidestRange) {
  MSEObserver zeros_only, one(symmetric);
  zeros_only.observe(zeros({4}));
  EXPECT_EQ(zeros_only.calculate_qparams(), choose_qparams(0, 0, affine));
  one.observe(Array({2}, {127, -127}));  // exact as it is
  EXPECT_EQ(one.calculate_qparams(), choose_qparams(-127, 127, symmetric));
}

// The steps are 100 with f = 1 and 99 with f = 0.99. What the largest number then loses, 127² = 16129, is what the others
// win: 4950 = 50·99 is 50 off a multiple of 100, and 6·50² + 33² + 6² + 2² = 16129.
TEST(Unit_16_2, OfTwoRangesThatAreEquallyGoodTheWider) {
  MSEObserver observer(symmetric);
  observer.observe(Array({10}, {12700, 4950, 4950, 4950, 4950, 4950, 4950, 3267, 594, 198}));
  EXPECT_EQ(observer.calculate_qparams(), choose_qparams(198, 12700, symmetric));
}

TEST(Unit_16_2, NothingSeenIsAnError) {
  EXPECT_THROWS_WITH(MinMaxObserver().calculate_qparams(), ValueError, "observe");
  EXPECT_THROWS_WITH(MovingAverageMinMaxObserver().calculate_qparams(), ValueError, "observe");
  EXPECT_THROWS_WITH(PercentileObserver().calculate_qparams(), ValueError, "observe");
  EXPECT_THROWS_WITH(MSEObserver().calculate_qparams(), ValueError, "observe");
}

TEST(Unit_16_2, AnArrayWithoutNumbersTellsNothing) {
  std::vector<std::unique_ptr<Observer>> observers;
  observers.push_back(std::make_unique<MinMaxObserver>());
  observers.push_back(std::make_unique<MovingAverageMinMaxObserver>());
  observers.push_back(std::make_unique<PercentileObserver>());
  observers.push_back(std::make_unique<MSEObserver>());
  for (const auto& observer : observers) {
    observer->observe(Array(Shape{0, 3}));
    EXPECT_THROW(observer->calculate_qparams(), ValueError);
    observer->observe(Array({2}, {5, 6}));
    observer->observe(Array(Shape{0}));
    EXPECT_EQ(observer->calculate_qparams().zero_point, -128);
    EXPECT_GT(observer->calculate_qparams().scale, 4.0 / 255);
  }
}

TEST(Unit_16_2, WhatIsNotFiniteIsRefused) {
  MinMaxObserver widest;
  MovingAverageMinMaxObserver moving;
  PercentileObserver percentile;
  MSEObserver least;
  for (Observer* observer : std::initializer_list<Observer*>{&widest, &moving, &percentile, &least}) {
    EXPECT_THROWS_WITH(observer->observe(Array({3}, {1, real_nan, 2})), ValueError, "number 1");
    EXPECT_THROWS_WITH(observer->observe(Array({2}, {-real_infinity, 2})), ValueError, "number 0");
    EXPECT_THROW(observer->calculate_qparams(), ValueError) << "refused numbers were not seen";
    observer->observe(zeros({2}));
    EXPECT_EQ(observer->calculate_qparams(), choose_qparams(0, 0, affine)) << "nor were they kept";
  }
}

}  // namespace
}  // namespace rushlight::test
