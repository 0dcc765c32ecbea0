// What becomes of a rule that captures a Tensor. It is not a leak: everything is freed with the last handle. But the
// destructor of Node takes apart what lies in `inputs` only, so a long chain of captures is unwound by recursion, and one
// of a million ends in a crash; and a captured value escapes the version check.
#include "05_autograd/autograd.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

Tensor square_with_capture(const Tensor& x) {  // how not to write it
  return record("captures", x.value() * x.value(), {x}, Save::nothing,
                [x](const Backward& bw) -> Arrays { return {bw.grad * x.value() * Real{2}}; });
}

TEST(Regression_05, ACapturedTensorIsFreedWithTheGraph) {
  std::weak_ptr<Node> input, output;
  {
    const Tensor x(Array::scalar(3), true);
    const Tensor y = square_with_capture(x);
    input = x.node();
    output = y.node();
  }
  EXPECT_TRUE(output.expired());
  EXPECT_TRUE(input.expired());
}

TEST(Regression_05, AChainOfCapturesIsFreedToo) {  // by recursion, so only as long as the stack lasts
  std::weak_ptr<Node> first;
  {
    Tensor y(Array::scalar(1), true);
    first = y.node();
    for (int i = 0; i < 1000; ++i) y = square_with_capture(y);
  }
  EXPECT_TRUE(first.expired());
}

TEST(Regression_05, AChangeOfACapturedValueGoesUnnoticed) {
  Tensor x(Array::scalar(3), true);
  const Tensor y = square_with_capture(x);
  x.mutable_value().mutable_data()[0] = 10;
  y.backward();
  EXPECT_TRUE(near(x.grad(), Shape(), {20})) << "6 is right; an op that saves its input throws GraphError here";
}

}  // namespace
}  // namespace rushlight::test
