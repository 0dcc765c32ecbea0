// The exponential that module 01 gives, over all of float.
#include "01_tensor/fast_exp.hpp"

#include <cmath>
#include <cstdint>
#include <limits>

#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

// Distance from the true value in units of the last place of the nearest float.
double ulps(float actual, double truth) {
  const float nearest = static_cast<float>(truth);
  const double place = std::nextafter(nearest, std::numeric_limits<float>::infinity()) - static_cast<double>(nearest);
  return std::abs(actual - truth) / place;
}

TEST(Given_01, ExpOfIsWithinAboutOneUlpOverAllFloats) {
  double worst = 0;
  float at = 0;
  for (std::uint64_t bits = 0; bits < (std::uint64_t{1} << 32); bits += 9973) {
    const auto x = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    const double truth = std::exp(static_cast<double>(x));
    if (std::isnan(x) || std::isinf(static_cast<float>(truth)) || truth < 1e-46) continue;
    const double error = ulps(exp_of(x), truth);
    if (error > worst) worst = error, at = x;
  }
  EXPECT_LE(worst, 1.01) << "at " << at;
}

TEST(Given_01, ExpOfAtTheEnds) {
  const float inf = std::numeric_limits<float>::infinity();
  EXPECT_EQ(exp_of(0.0F), 1.0F);
  EXPECT_EQ(exp_of(inf), inf);
  EXPECT_EQ(exp_of(88.73F), inf);
  EXPECT_EQ(exp_of(1e30F), inf);
  EXPECT_EQ(exp_of(-inf), 0.0F);
  EXPECT_EQ(exp_of(-104.0F), 0.0F);
  EXPECT_EQ(exp_of(-1e30F), 0.0F);
  EXPECT_TRUE(std::isnan(exp_of(std::numeric_limits<float>::quiet_NaN())));
}

}  // namespace
}  // namespace rushlight::test
