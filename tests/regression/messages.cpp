// Messages show their values as fmt would: a float is not turned into a double on its way, a shape is one word.
#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <limits>

#include "01_tensor/error.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

TEST(Regression_01, AMessageShowsEveryKindOfValue) {
  const std::string name = "weight";
  EXPECT_EQ(formatted("{} {} {}", {0.1F, 0.1, 1e300}), "0.1 0.1 1e+300");
  EXPECT_EQ(formatted("{} {} {}", {-7, std::int64_t{1} << 40, ~std::uint64_t{0}}),
            "-7 1099511627776 18446744073709551615");
  EXPECT_EQ(formatted("{}{}{} {} {:.2f} {:#x}", {'<', "a", '>', name, 2.0 / 3, 255}), "<a> weight 0.67 0xff");
  EXPECT_EQ(formatted("{} and {}", {Shape{2, 3}, Shape{}}), "(2, 3) and ()");
  EXPECT_STREQ(ShapeError("{} has {} axes", {Shape{4}, 1}).what(), "(4,) has 1 axes");
}

TEST(Regression_01, NanHasNoSign) {
  const float single = -std::numeric_limits<float>::quiet_NaN();
  const double real = -std::numeric_limits<double>::quiet_NaN();
  ASSERT_TRUE(std::signbit(single) && std::signbit(real));
  EXPECT_EQ(formatted("{} {} {:.3f} {:>6} {} {}", {single, real, real, single, -real, -1.5}),
            "nan nan nan    nan nan -1.5");
  EXPECT_EQ(formatted("{}", {-std::numeric_limits<double>::infinity()}), "-inf");
  EXPECT_EQ(to_string(Array({2}, {static_cast<Real>(real), -1})), "Array(2,) [nan, -1]");
}

TEST(Regression_01, AMessageThatAsksForMoreThanItWasGivenIsAnError) {
  EXPECT_THROW(formatted("{} {}", {1}), fmt::format_error);
}

}  // namespace
}  // namespace rushlight::test
