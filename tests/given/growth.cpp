// The fitted exponent tells a line from a square, whatever else the machine does.
#include "support/growth.hpp"

#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

volatile std::int64_t last;  // so that a compiler cannot leave the loop out

void work(std::int64_t steps) {
  for (std::int64_t i = 0; i < steps; ++i) last = i;
}

TEST(Given_01, GrowthTellsALineFromASquare) {
  EXPECT_NEAR(growth([](std::int64_t size) { work(1000 * size); }, {20, 40, 80, 160}), 1, 0.3);
  EXPECT_NEAR(growth([](std::int64_t size) { work(100 * size * size); }, {20, 40, 80, 160}), 2, 0.3);
}

}  // namespace
}  // namespace rushlight::test
