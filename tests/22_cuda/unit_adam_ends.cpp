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

// A beta near 1: in float 1 - 0.999 is not 0.001, but off by one part in 20,000.
TEST(Unit_22_7, WhatIsLeftOfABetaWasRoundedOnce) {
  const CudaHere device;
  const cuda::AdamNumbers numbers{.beta1 = Real(0.999),
                                  .rest1 = Real(0.001),
                                  .beta2 = Real(0.9999),
                                  .rest2 = Real(0.0001),
                                  .step_size = Real(0.1),
                                  .root_of_correction2 = 1,
                                  .eps = Real(0.01),
                                  .decay = 0,
                                  .keep = 1};
  const Array grad = Array({3}, {1, -2, 4}).to(gpu);
  for (const bool together : {false, true}) {
    Array value = filled({3}, 1), m = filled({3}, 0), v = filled({3}, 0);
    if (together) {
      cuda::AdamParts parts{.count = 1};
      parts.each[0] = {cuda::view_to_write(value), cuda::view(grad), cuda::view_to_write(m), cuda::view_to_write(v)};
      cuda::adam_steps(parts, numbers, cuda::Reals());
    } else {
      cuda::adam_step(cuda::view_to_write(value), cuda::view(grad), cuda::view_to_write(m), cuda::view_to_write(v),
                      numbers);
    }
    EXPECT_TRUE(near(m.cpu(), {3}, {0.001, -0.002, 0.004}, {1e-6, 0}));
    EXPECT_TRUE(near(v.cpu(), {3}, {0.0001, 0.0004, 0.0016}, {1e-6, 0}));
  }
}

TEST(Unit_22_7, ASmallDecayIsADecay) {
  const CudaHere device;
  const cuda::AdamNumbers numbers{.beta1 = Real(0.5),
                                  .rest1 = Real(0.5),
                                  .beta2 = Real(0.5),
                                  .rest2 = Real(0.5),
                                  .step_size = 0,
                                  .root_of_correction2 = 1,
                                  .eps = Real(0.01),
                                  .decay = Real(1e-4),
                                  .keep = 1};
  const Array grad = filled({2}, 0);
  Array value = Array({2}, {2, -4}).to(gpu), m = filled({2}, 0), v = filled({2}, 0);
  cuda::adam_step(cuda::view_to_write(value), cuda::view(grad), cuda::view_to_write(m), cuda::view_to_write(v),
                  numbers);
  EXPECT_TRUE(near(m.cpu(), {2}, {1e-4, -2e-4}, {1e-6, 0}));
}

}  // namespace
}  // namespace rushlight::test
