// On a device that is not the CPU: constants go there, and its kernels are asked.
#include "02_activations/activation_checks.hpp"
#include "support/counting_device.hpp"

namespace rushlight::test {
namespace {

constexpr Device elsewhere = CountingDevice::device;

int asked = 0;

Array asked_softmax(const Array& x, int) {
  ++asked;
  return x;
}

Array asked_gelu(const Array& x, GeluApproximation) {
  ++asked;
  return x;
}

// How often the kernel that is installed for the device is called by f.
template <class Slot, class Kernel>
int times_asked(Slot& slot, const Kernel& kernel, const Activation& f) {
  const CountingDevice there;
  asked = 0;
  slot.install(elsewhere, kernel);
  f(ones({2, 3}).to(elsewhere));
  slot.remove(elsewhere);
  return asked;
}

TEST(Unit_02_1, ReluAndLeakyRelu) {
  const CountingDevice there;
  const Tensor x(Array({3}, {-1, 0, 2}).to(elsewhere));
  EXPECT_TRUE(near(relu(x).value().cpu(), {3}, {0, 0, 2}, exactly));
  EXPECT_TRUE(near(leaky_relu(x, 0.5).value().cpu(), {3}, {-0.5, 0, 2}, exactly));
}

TEST(Unit_02_3, TheKernelOfTheDeviceIsAsked) {
  EXPECT_EQ(times_asked(gelu_slot, GeluKernel{.forward = asked_gelu}, gelu_none), 1);
}

TEST(Unit_02_5, TheKernelOfTheDeviceIsAsked) {
  const Activation f = [](const Tensor& x) { return softmax(x); };
  EXPECT_EQ(times_asked(softmax_slot, SoftmaxKernel{.forward = asked_softmax}, f), 1);
}

}  // namespace
}  // namespace rushlight::test
