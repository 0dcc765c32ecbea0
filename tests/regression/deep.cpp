// A graph as deep as a long recurrent run makes it. It takes a second, which every edit of module 05 would pay.
#include "05_autograd/autograd.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr int a_million = 200000;  // each allocation costs ten times as much there
#else
constexpr int a_million = 1000000;
#endif

TEST(Regression_05, AMillionOpsBuiltDifferentiatedAndDestroyed) {
  const Tensor x(Array::scalar(1), true);
  const Rule pass_on = [](const Backward& bw) -> Arrays { return {bw.grad}; };
  {
    Tensor y = x;
    for (int i = 0; i < a_million; ++i) y = record("same", x.value(), {y}, Save::nothing, pass_on);
    y.backward();
    EXPECT_TRUE(near(x.grad(), Shape(), {1}));
  }
  EXPECT_EQ(x.node().use_count(), 1) << "the graph is still alive";
}

}  // namespace
}  // namespace rushlight::test
