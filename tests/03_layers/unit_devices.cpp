// Parameters and masks on a device that is not the CPU.
#include "03_layers/dropout.hpp"
#include "03_layers/init.hpp"
#include "03_layers/module.hpp"
#include "support/counting_device.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

constexpr Device elsewhere = CountingDevice::device;

struct Scale : Module {
  explicit Scale(Device device) : factor(ones({2}).to(device), true) {}
  Tensor factor;
  Tensor forward(const Tensor& x) override { return x * factor; }
  void members(Members& m) override { m("factor", factor); }
};

TEST(Unit_03_3, WhatIsInitialisedStaysWhereItLies) {
  const CountingDevice there;
  Generator g(1);
  Tensor parameter(ones({2}).to(elsewhere), true);
  constant_(parameter, 3);
  EXPECT_TRUE(near(parameter.value().cpu(), {2}, {3, 3}, exactly));
  uniform_(parameter, g, 0, 1);
  EXPECT_EQ(parameter.device(), elsewhere);
  normal_(parameter, g, 0, 1);
  EXPECT_EQ(parameter.device(), elsewhere);
}

TEST(Unit_03_4, TheMaskGoesWhereItsInputLies) {
  const CountingDevice there;
  const Tensor x(Array({2}, {1, 2}).to(elsewhere));
  EXPECT_TRUE(near(apply_mask(x, Array({2}, {0, 2})).value().cpu(), {2}, {0, 4}, exactly));
}

TEST(Unit_03_8, AStateOfTheCpuIsLoadedToTheDevice) {
  const CountingDevice there;
  Scale saved(Device::cpu), model(elsewhere);
  constant_(saved.factor, 5);
  model.load_state_dict(saved.state_dict());
  EXPECT_EQ(model.factor.device(), elsewhere);
  EXPECT_TRUE(near(model.factor.value().cpu(), {2}, {5, 5}, exactly));
}

}  // namespace
}  // namespace rushlight::test
