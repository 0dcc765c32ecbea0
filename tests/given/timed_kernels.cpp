// The judge of kernels whose time counts is not fooled: not by those of wrong_kernels, and not by a time that no machine has.
#include <memory>

#include "../cuda_native/roofs.hpp"
#include "support/rush_test.hpp"
#include "wrong_kernels/products.hpp"

namespace rushlight::test {
namespace {

constexpr std::int64_t rows = 7, depth = 12, columns = 9;

Array positive(const Shape& shape, std::uint64_t seed) {
  Generator random(seed);
  return rand(shape, random, 0.5, 1.5);
}

// Two rounds with different numbers; what was wrong in the first one that was.
std::string verdict(const Kernel& kernel) {
  for (const std::uint64_t seed : {1, 2}) {
    const Arrays inputs{positive({rows, depth}, seed), positive({depth, columns}, seed + 10)};
    const std::vector<double> expected = to_doubles(right_product(inputs));
    const KernelTime time = timed(kernel, inputs, {rows, columns}, expected);
    if (!time.wrong.empty()) return time.wrong;
    EXPECT_GT(time.seconds, 0);
  }
  return "";
}

TEST(Given_18, TheJudgeOfTimedKernelsIsNotFooled) {
  EXPECT_EQ(verdict(right_product), "");
  for (const WrongKernel& each : wrong_products()) EXPECT_NE(verdict(each.kernel), "") << each.what << " passed";
}

TEST(Given_18, ACaseThatZerosPassIsNone) {
  const Arrays inputs{zeros({rows, depth}), zeros({depth, columns})};
  const std::vector<double> expected(static_cast<std::size_t>(rows * columns));
  EXPECT_EQ(timed(right_product, inputs, {rows, columns}, expected).wrong, "an output of zeros would pass");
}

TEST(Given_18, NobodyIsFasterThanTheMachine) {
  EXPECT_TRUE(believable(1.0, 0.5));
  EXPECT_TRUE(believable(1.0, 1.05)) << "a clock is not perfect";
  EXPECT_FALSE(believable(0.75, 1.0));
  EXPECT_FALSE(believable(0.0, 0.0));
}

TEST(Given_22, NobodyIsFasterThanTheCard) {
  EXPECT_TRUE((Timed{.kernel = "", .shape = "", .roof = "", .ms = 2, .floor_ms = 1}).believable());
  EXPECT_FALSE((Timed{.kernel = "", .shape = "", .roof = "", .ms = 0.75, .floor_ms = 1}).believable());
  EXPECT_FALSE((Timed{.kernel = "", .shape = "", .roof = "", .ms = 0, .floor_ms = 0}).believable());
}

}  // namespace
}  // namespace rushlight::test
