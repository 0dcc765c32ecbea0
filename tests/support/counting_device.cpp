#include "support/counting_device.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <new>

namespace rushlight::test {
namespace {

void* allocate(std::size_t bytes) {
  ++CountingDevice::blocks;
  return ::operator new(bytes);
}

void release_block(void* block, std::size_t) noexcept {
  --CountingDevice::blocks;
  ::operator delete(block);
}

void copy(void* to, const void* from, std::size_t bytes) {
  if (bytes > 0) std::memcpy(to, from, bytes);
}

Array full_there(const Shape& shape, Real value) {
  ++CountingDevice::calls;
  return on_device(Array::full(shape, value));
}

template <class There>
There read(const There& there) {
  if (!there.defined() || there.device() == Device::cpu) return there;
  There here(there.shape());
  copy(here.mutable_data().data(), there.data_on(CountingDevice::device), here.data().size_bytes());
  return here;
}

template <class Here>
Here written(const Here& here) {
  if (!here.defined()) return here;
  Here there = Here::on(CountingDevice::device, here.shape());
  copy(there.mutable_data_on(CountingDevice::device), here.data().data(), here.data().size_bytes());
  return there;
}

}  // namespace

std::int64_t CountingDevice::calls = 0;
std::int64_t CountingDevice::blocks = 0;

CountingDevice::CountingDevice() {
  calls = 0;
  install_device(device, {allocate, release_block, copy, copy, copy},
                 {.full = full_there,
                  .add = counted<plain::add>,
                  .sub = counted<plain::sub>,
                  .mul = counted<plain::mul>,
                  .div = counted<plain::div>,
                  .maximum = counted<plain::maximum>,
                  .minimum = counted<plain::minimum>,
                  .neg = counted<plain::neg>,
                  .exp = counted<plain::exp>,
                  .log = counted<plain::log>,
                  .sqrt = counted<plain::sqrt>,
                  .tanh = counted<plain::tanh>,
                  .erf = counted<plain::erf>,
                  .abs = counted<plain::abs>,
                  .pow = counted<plain::pow>,
                  .greater = counted<plain::greater>,
                  .less = counted<plain::less>,
                  .equal = counted<plain::equal>,
                  .where = counted<plain::where>,
                  .sum = counted<plain::sum>,
                  .mean = counted<plain::mean>,
                  .max = counted<plain::max>,
                  .argmax = counted<plain::argmax>,
                  .matmul = counted<plain::matmul>,
                  .permute = counted<plain::permute>,
                  .broadcast_to = counted<plain::broadcast_to>,
                  .concat = counted<plain::concat>,
                  .slice = counted<plain::slice>,
                  .unslice = counted<plain::unslice>,
                  .take = counted<plain::take>,
                  .take_adjoint = counted<plain::take_adjoint>,
                  .gather = counted<plain::gather>,
                  .gather_adjoint = counted<plain::gather_adjoint>});
}

CountingDevice::~CountingDevice() {
  EXPECT_EQ(blocks, 0) << "arrays that lived on the device outlive it";
  remove_device(device);
}

Array host(const Array& there) { return read(there); }
Indices host(const Indices& there) { return read(there); }
Mask host(const Mask& there) { return read(there); }

Arrays host(const Arrays& there) {
  Arrays here;
  for (const Array& each : there) here.push_back(read(each));
  return here;
}

Array on_device(const Array& here) { return written(here); }
Indices on_device(const Indices& here) { return written(here); }
Mask on_device(const Mask& here) { return written(here); }

Arrays on_device(const Arrays& here) {
  Arrays there;
  for (const Array& each : here) there.push_back(written(each));
  return there;
}

Borrowed<Array&>::~Borrowed() {
  copy(there.mutable_data_on(CountingDevice::device), value.data().data(), value.data().size_bytes());
}

Borrowed<Array*>::~Borrowed() {
  if (there == nullptr) return;
  copy(there->mutable_data_on(CountingDevice::device), value.data().data(), value.data().size_bytes());
}

}  // namespace rushlight::test
