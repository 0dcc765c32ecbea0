// Adam's step at the end of the numbers, through the optimizer that uses it.
#include "06_optimizers/adam.hpp"
#include "device_checks.hpp"

namespace rushlight::test {
namespace {

TEST(Unit_22_7, WithoutDecayAParameterIsNotInItsGradient) {
  const CudaHere device;
  Tensor endless(Array({2}, {inf, 1}).to(gpu), true);
  Adam optimizer(Tensors{endless}, {.lr = 0.1});
  endless.set_grad(Array({2}, {1, 1}).to(gpu));
  optimizer.step();
  const Array after = endless.value().cpu();
  EXPECT_EQ(after.data()[0], inf) << "0 times infinity is NaN: a decay of 0 is no decay";
  EXPECT_NEAR(after.data()[1], 0.9, 1e-5);
}

}  // namespace
}  // namespace rushlight::test
