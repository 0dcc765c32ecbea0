// Parameters on a device that is not the CPU: the loop that is installed for it gets them, and buffers that lie there too.
#include "06_optimizers/oracle.hpp"
#include "support/counting_device.hpp"

namespace rushlight::test {
namespace {

constexpr Device elsewhere = CountingDevice::device;
using Places = std::vector<Device>;

Places seen_places;  // where the arguments of the last loop lay

void see(const Array& value, const Array& grad, std::initializer_list<const Array*> buffers) {
  seen_places = {value.device(), grad.device()};
  for (const Array* each : buffers) seen_places.push_back(each->device());
}

const SGDLoop watched_sgd = [](const SGDStep&, Array& value, const Array& grad, Array* velocity) {
  see(value, grad, {velocity});
};
const RMSpropLoop watched_rmsprop = [](const RMSpropOptions&, Array& value, const Array& grad, Array& square_avg,
                                       Array*, Array*) { see(value, grad, {&square_avg}); };
const AdamLoop watched_adam = [](const AdamStep&, Array& value, const Array& grad, Array& exp_avg, Array& exp_avg_sq) {
  see(value, grad, {&exp_avg, &exp_avg_sq});
};

template <class Optimizer>
Places places_of_a_step(Optimizer& optimizer, Tensor& parameter) {
  seen_places.clear();
  parameter.set_grad(ones(parameter.shape()).to(elsewhere));
  optimizer.step();
  return seen_places;
}

template <class Optimizer, class Options, class Slot, class Loop>
Places places(Slot& slot, Loop loop, const Options& options) {
  const CountingDevice there;
  slot.install(elsewhere, {loop});
  Tensor parameter(ones({2}).to(elsewhere), true);
  Optimizer optimizer({parameter}, options);
  const Places found = places_of_a_step(optimizer, parameter);
  slot.remove(elsewhere);
  return found;
}

TEST(Unit_06_2, OnItsDeviceWithItsVelocity) {
  const Places found = places<SGD, SGDOptions>(sgd_slot, watched_sgd, {.momentum = 0.5});
  EXPECT_EQ(found, Places(3, elsewhere));
}

TEST(Unit_06_3, OnItsDeviceWithItsBuffer) {
  const Places found = places<RMSprop, RMSpropOptions>(rmsprop_slot, watched_rmsprop, {});
  EXPECT_EQ(found, Places(3, elsewhere));
}

TEST(Unit_06_4, OnItsDeviceWithItsBuffers) {
  const Places found = places<Adam, AdamOptions>(adam_slot, watched_adam, {});
  EXPECT_EQ(found, Places(4, elsewhere));
}

TEST(Unit_06_5, OnItsDeviceWithItsBuffers) {
  const Places found = places<AdamW, AdamWOptions>(adam_slot, watched_adam, {});
  EXPECT_EQ(found, Places(4, elsewhere));
}

TEST(Unit_06_6, AStateOfTheCpuIsLoadedToTheDevice) {
  Tensor here = leaf({2}, {1, 2});
  Adam saved({here});
  step_with(saved, here, {1, 1});
  const CountingDevice there;
  adam_slot.install(elsewhere, {watched_adam});
  Tensor parameter(ones({2}).to(elsewhere), true);
  Adam optimizer({parameter});
  optimizer.load_state_dict(saved.state_dict());
  EXPECT_EQ(places_of_a_step(optimizer, parameter), Places(4, elsewhere));
  adam_slot.remove(elsewhere);
}

}  // namespace
}  // namespace rushlight::test
