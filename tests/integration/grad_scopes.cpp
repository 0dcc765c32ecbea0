// What a scope that switches recording leaves behind (grad_mode.cpp): nothing, however it ends. A scope that leaks is seen
// by whatever comes next, whose results need no gradient any more.
#include "05_autograd/autograd.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

bool is_recorded() {
  const Tensor x(ones({2}), true);
  return (x * x).requires_grad();
}

TEST(Integration_05, RecordingIsAsBeforeWhereverItsScopeEnded) {
  EXPECT_TRUE(is_recorded());
  { const NoGrad off; }
  EXPECT_TRUE(is_recorded()) << "after NoGrad";
  EXPECT_THROW(
      {
        const NoGrad off;
        throw ValueError("half-way");
      },
      ValueError);
  EXPECT_TRUE(is_recorded()) << "after NoGrad that an exception ended";
  const NoGrad outer;
  { const NoGrad inner; }
  EXPECT_FALSE(is_recorded()) << "after NoGrad within NoGrad";
  {
    const EnableGrad on;
    EXPECT_TRUE(is_recorded());
  }
  EXPECT_FALSE(is_recorded()) << "after EnableGrad within NoGrad";
}

}  // namespace
}  // namespace rushlight::test
