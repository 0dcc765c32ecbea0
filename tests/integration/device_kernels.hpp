// device_kernels.hpp: the slots that the test device has to fill, because what stands behind them on the CPU is a loop
// over memory. Everything else must do without.
#pragma once

#include "02_activations/activations.hpp"
#include "06_optimizers/adam.hpp"
#include "06_optimizers/rmsprop.hpp"
#include "06_optimizers/sgd.hpp"
#include "07_training/clip.hpp"
#include "09_spatial/spatial.hpp"
#include "support/counting_device.hpp"

namespace rushlight::test {

// max_pool2d_forward, whose result is two things.
inline MaxPoolForward max_pool_there(const Array& x, const Window& window) {
  ++CountingDevice::calls;
  const MaxPoolForward here = max_pool2d_forward(host(x), window);
  return {on_device(here.y), on_device(here.argmax)};
}

struct DeviceKernels {
  static constexpr Device device = CountingDevice::device;

  DeviceKernels() {
    gelu_slot.install(device, {counted<gelu_forward>, counted<gelu_backward>});
    conv2d_slot.install(device, {counted<conv2d_forward>, counted<conv2d_backward_x>, counted<conv2d_backward_weight>});
    max_pool2d_slot.install(device, {max_pool_there, counted<max_pool2d_backward>});
    avg_pool2d_slot.install(device, {counted<average_cells>, counted<average_cells_backward>});
    sgd_slot.install(device, {counted<sgd_loop>});
    rmsprop_slot.install(device, {counted<rmsprop_loop>});
    adam_slot.install(device, {counted<adam_loop>});
    sum_of_squares_slot.install(device, {counted<plain_sum_of_squares>});
  }
  ~DeviceKernels() {
    gelu_slot.remove(device);
    conv2d_slot.remove(device);
    max_pool2d_slot.remove(device);
    avg_pool2d_slot.remove(device);
    sgd_slot.remove(device);
    rmsprop_slot.remove(device);
    adam_slot.remove(device);
    sum_of_squares_slot.remove(device);
  }
  DeviceKernels(const DeviceKernels&) = delete;
  DeviceKernels& operator=(const DeviceKernels&) = delete;
};

}  // namespace rushlight::test
