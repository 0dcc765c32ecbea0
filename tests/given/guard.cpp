// The traps around an Array's numbers: what was never written shows, and so does what was written too far.
#include "01_tensor/guard.hpp"

#include <cmath>
#include <limits>

#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

// Without checks there are no traps; under AddressSanitizer nothing lies behind the numbers, and it would end the test.
bool armed() { return guard::bytes_behind() > 0; }

// One step further than an index would be let.
Array overrun(std::int64_t count, std::int64_t by) {
  Array made = zeros({count});
  made.mutable_data().data()[count - 1 + by] = 1;
  return made;
}

TEST(Given_01, FreshNumbersAreOfNobody) {
  if (!guard::on) return;
  const Array fresh(Shape{3});
  for (const Real value : fresh.data()) {
    EXPECT_TRUE(guard::never_written(value));
    EXPECT_TRUE(guard::never_written(-value));
    EXPECT_TRUE(std::isnan(value + 1)) << "whatever is computed from it shows, too";
  }
  EXPECT_FALSE(guard::never_written(std::numeric_limits<Real>::quiet_NaN()));
  EXPECT_FALSE(guard::never_written(std::log(Real{-1})));
}

TEST(Given_01, ABlockThatComesBackIsFreshAgain) {
  if (!guard::on) return;
  for (int i = 0; i < 2; ++i) {
    Array array(Shape{100});
    EXPECT_TRUE(guard::never_written(array.data()[99]));
    array.mutable_data()[99] = 1;
  }
}

TEST(Given_01, AnOpThatWritesTooFarIsNamed) {
  if (!armed()) return;
  const Tensor x(ones({3}), true);
  const auto far_by = [&](std::int64_t by) {
    return record("far", overrun(3, by), {x}, Save::nothing, [](const Backward& bw) -> Arrays { return {bw.grad}; });
  };
  EXPECT_THROWS_WITH(far_by(1), IndexError, "far wrote past the end of its result", "element 3,", "(3,)", "i <= size");
  EXPECT_THROWS_WITH(far_by(2), IndexError, "element 4,");
  EXPECT_NO_THROW(far_by(0));
}

TEST(Given_01, ARuleThatWritesTooFarIsNamed) {
  if (!armed()) return;
  const Tensor x(ones({3}), true);
  const Tensor y =
      record("far", x.value(), {x}, Save::nothing, [](const Backward&) -> Arrays { return {overrun(3, 1)}; });
  EXPECT_THROWS_WITH(Tape(y, ones({3})), IndexError, "far wrote past the end of a gradient");
}

TEST(Given_01, OneMistakeIsToldOnce) {
  if (!armed()) return;
  const Array made = overrun(3, 1);
  EXPECT_THROW(guard::check_end("far", "its result", made), IndexError);
  EXPECT_NO_THROW(guard::check_end("far", "its result", made));
}

TEST(Given_01, AnArrayOnTheWayIsLookedAtWhenItGoes) {
  if (!armed()) return;
  EXPECT_EQ(guard::take_damage(), "");
  overrun(27, 1);
  const std::string damage = guard::take_damage();
  EXPECT_NE(damage.find("past the end"), std::string::npos) << damage;
  EXPECT_NE(damage.find("27 numbers"), std::string::npos) << damage;
  EXPECT_EQ(guard::take_damage(), "");
}

TEST(Given_01, IndicesAndMasksHaveAnEndToo) {
  if (!armed()) return;
  Indices ids(Shape{5});
  ids.mutable_data().data()[5] = 7;
  EXPECT_THROWS_WITH(guard::check_end("argmax", "its result", ids), IndexError, "argmax", "element 5,");
  Mask mask(Shape{5});
  mask.mutable_data().data()[5] = 1;
  EXPECT_THROWS_WITH(guard::check_end("less", "its result", mask), IndexError, "less", "element 5,");
}

}  // namespace
}  // namespace rushlight::test
