// arrays.cpp: the earlier modules' tests, on the emulated device. Their objects are compiled once, for the CPU; in this stack
// each function that they call and that stands below is another one, which does the same on the device. So a test's
// arrays live there, and a test may look at them, which no module may: in a module, data() of an array of the device
// throws as ever. Leaf tensors take their values to the device, whoever makes them: parameters, too.
#include <initializer_list>
#include <vector>

#include "01_tensor/random.hpp"
#include "01_tensor/tensor.hpp"
#include "22_cuda/cuda.hpp"
#include "22_cuda/emulator/memory.hpp"

// The function that stands in for the one of this name (cmake/Emulated.cmake renames the calls).
#define IN_PLACE_OF(name) asm("on_device" name)

namespace rushlight::test {
namespace {

constexpr Device there = Device::cuda;

template <class Values>
Values moved(const Values& here) {
  static const bool installed = (cuda::install(), true);  // before main: tests have arrays in constants
  return installed ? here.to(there) : here;
}

// What the emulator keeps at an address of the device.
template <class T>
std::span<T> seen(T* first, std::int64_t count) {
  char* const bytes = emulator::storage(reinterpret_cast<std::uintptr_t>(first));
  return {reinterpret_cast<T*>(bytes), static_cast<std::size_t>(count)};
}

template <class Values>
auto looked_at(const Values& values) {
  return values.device() == there ? seen(values.data_on(there), values.size()) : values.data();
}

template <class Values>
auto opened(Values& values) {
  return values.device() == there ? seen(values.mutable_data_on(there), values.size()) : values.mutable_data();
}

}  // namespace

// A constructor is a function of the place to construct at.
void construct(Array* at, const Shape& shape) IN_PLACE_OF("_ZN9rushlight5ArrayC1ERKNS_5ShapeE");
void construct(Array* at, const Shape& shape, std::initializer_list<Real> values)
    IN_PLACE_OF("_ZN9rushlight5ArrayC1ERKNS_5ShapeESt16initializer_listIfE");
void construct(Array* at, const Shape& shape, const std::vector<Real>& values)
    IN_PLACE_OF("_ZN9rushlight5ArrayC1ERKNS_5ShapeERKSt6vectorIfSaIfEE");
void construct(Indices* at, const Shape& shape) IN_PLACE_OF("_ZN9rushlight6ValuesIiEC1ERKNS_5ShapeE");
void construct(Indices* at, const Shape& shape, const std::vector<std::int32_t>& values)
    IN_PLACE_OF("_ZN9rushlight6ValuesIiEC1ERKNS_5ShapeERKSt6vectorIiSaIiEE");
void construct(Mask* at, const Shape& shape) IN_PLACE_OF("_ZN9rushlight6ValuesIhEC1ERKNS_5ShapeE");
void construct(Mask* at, const Shape& shape, const std::vector<std::uint8_t>& values)
    IN_PLACE_OF("_ZN9rushlight6ValuesIhEC1ERKNS_5ShapeERKSt6vectorIhSaIhEE");

void construct(Array* at, const Shape& shape) { new (at) Array(moved(Array(shape))); }
void construct(Array* at, const Shape& shape, std::initializer_list<Real> values) {
  new (at) Array(moved(Array(shape, values)));
}
void construct(Array* at, const Shape& shape, const std::vector<Real>& values) {
  new (at) Array(moved(Array(shape, values)));
}
void construct(Indices* at, const Shape& shape) { new (at) Indices(moved(Indices(shape))); }
void construct(Indices* at, const Shape& shape, const std::vector<std::int32_t>& values) {
  new (at) Indices(moved(Indices(shape, values)));
}
void construct(Mask* at, const Shape& shape) { new (at) Mask(moved(Mask(shape))); }
void construct(Mask* at, const Shape& shape, const std::vector<std::uint8_t>& values) {
  new (at) Mask(moved(Mask(shape, values)));
}

Array full(const Shape& shape, Real value) IN_PLACE_OF("_ZN9rushlight5Array4fullERKNS_5ShapeEf");
Array zeros(const Shape& shape) IN_PLACE_OF("_ZN9rushlight5zerosERKNS_5ShapeE");
Array ones(const Shape& shape) IN_PLACE_OF("_ZN9rushlight4onesERKNS_5ShapeE");
Array arange(std::int64_t count) IN_PLACE_OF("_ZN9rushlight6arangeEl");
Array rand(const Shape& shape, Generator& generator, double low, double high)
    IN_PLACE_OF("_ZN9rushlight4randERKNS_5ShapeERNS_9GeneratorEdd");
Array randn(const Shape& shape, Generator& generator, double mean, double deviation)
    IN_PLACE_OF("_ZN9rushlight5randnERKNS_5ShapeERNS_9GeneratorEdd");

// Not a number of rank 0, which `2 * x` is made of: it goes with every device.
Array full(const Shape& shape, Real value) {
  const Array here = Array::full(shape, value);
  return shape.rank() == 0 ? here : moved(here);
}
Array zeros(const Shape& shape) { return moved(rushlight::zeros(shape)); }
Array ones(const Shape& shape) { return moved(rushlight::ones(shape)); }
Array arange(std::int64_t count) { return moved(rushlight::arange(count)); }
Array rand(const Shape& shape, Generator& generator, double low, double high) {
  return moved(rushlight::rand(shape, generator, low, high));
}
Array randn(const Shape& shape, Generator& generator, double mean, double deviation) {
  return moved(rushlight::randn(shape, generator, mean, deviation));
}

std::span<const Real> data(const Array& x) IN_PLACE_OF("_ZNK9rushlight5Array4dataEv");
std::span<Real> mutable_data(Array& x) IN_PLACE_OF("_ZN9rushlight5Array12mutable_dataEv");
std::span<const std::int32_t> data(const Indices& x) IN_PLACE_OF("_ZNK9rushlight6ValuesIiE4dataEv");
std::span<std::int32_t> mutable_data(Indices& x) IN_PLACE_OF("_ZN9rushlight6ValuesIiE12mutable_dataEv");
std::span<const std::uint8_t> data(const Mask& x) IN_PLACE_OF("_ZNK9rushlight6ValuesIhE4dataEv");
std::span<std::uint8_t> mutable_data(Mask& x) IN_PLACE_OF("_ZN9rushlight6ValuesIhE12mutable_dataEv");

std::span<const Real> data(const Array& x) { return looked_at(x); }
std::span<Real> mutable_data(Array& x) { return opened(x); }
std::span<const std::int32_t> data(const Indices& x) { return looked_at(x); }
std::span<std::int32_t> mutable_data(Indices& x) { return opened(x); }
std::span<const std::uint8_t> data(const Mask& x) { return looked_at(x); }
std::span<std::uint8_t> mutable_data(Mask& x) { return opened(x); }

// Of every object, not of tests alone: the linker's --wrap gives the function itself another name.
void plain_leaf(Tensor* at, const Array& value, bool requires_grad) asm("__real__ZN9rushlight6TensorC1ERKNS_5ArrayEb");
void leaf(Tensor* at, const Array& value, bool requires_grad) asm("__wrap__ZN9rushlight6TensorC1ERKNS_5ArrayEb");

void leaf(Tensor* at, const Array& value, bool requires_grad) { plain_leaf(at, moved(value), requires_grad); }

}  // namespace rushlight::test
