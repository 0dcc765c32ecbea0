// counting_device.hpp: a device for tests. Its numbers lie in ordinary memory, but data() refuses to show them, so that
// whatever does not go through the primitives and the kernels of its device is found out. It takes the place of the GPU.
#pragma once

#include <cstdint>
#include <type_traits>

#include "01_tensor/device.hpp"

namespace rushlight::test {

// There while it lives. `calls` counts what the device was asked to compute, `blocks` what it holds.
struct CountingDevice {
  static constexpr Device device = Device::cuda;

  CountingDevice();
  ~CountingDevice();  // whatever lives on the device must be gone: gtest failure otherwise
  CountingDevice(const CountingDevice&) = delete;
  CountingDevice& operator=(const CountingDevice&) = delete;

  static std::int64_t calls;
  static std::int64_t blocks;
};

// The same values on the CPU, and back, without a transfer: how the device "computes".
template <class T>
T host(const T& value) {
  return value;
}
Array host(const Array& there);
Indices host(const Indices& there);
Mask host(const Mask& there);
Arrays host(const Arrays& there);

template <class T>
T on_device(const T& value) {
  return value;
}
Array on_device(const Array& here);
Indices on_device(const Indices& here);
Mask on_device(const Mask& here);
Arrays on_device(const Arrays& here);

// A copy on the CPU of an argument; what a kernel changed in it goes back to the device.
template <class Argument>
struct Borrowed {
  std::decay_t<Argument> value;

  explicit Borrowed(const std::decay_t<Argument>& there) : value(host(there)) {}
  operator const std::decay_t<Argument>&() const { return value; }
};

template <>
struct Borrowed<Array&> {
  Array value;
  Array& there;

  explicit Borrowed(Array& on_the_device) : value(host(on_the_device)), there(on_the_device) {}
  ~Borrowed();
  operator Array&() { return value; }
};

template <>
struct Borrowed<Array*> {
  Array value;
  Array* there;

  explicit Borrowed(Array* on_the_device)
      : value(on_the_device ? host(*on_the_device) : Array()), there(on_the_device) {}
  ~Borrowed();
  operator Array*() { return there ? &value : nullptr; }
};

// A function of the CPU as a kernel of the device:  slot.install(CountingDevice::device, {counted<gelu_forward>});
template <auto function>
struct Counted;

template <class Result, class... Arguments, Result (*function)(Arguments...)>
struct Counted<function> {
  static Result call(Arguments... arguments) {
    ++CountingDevice::calls;
    if constexpr (std::is_void_v<Result>) {
      function(Borrowed<Arguments>(arguments)...);
    } else {
      return on_device(function(Borrowed<Arguments>(arguments)...));
    }
  }
};

template <auto function>
inline constexpr auto counted = &Counted<function>::call;

}  // namespace rushlight::test
