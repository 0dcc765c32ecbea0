// device_checks.hpp: judging kernels. A result counts only if it is right in every element, whichever thread comes first,
// with outputs poisoned before and inputs untouched after, without a copy to or from the host.
#pragma once

#include <cmath>
#include <functional>

#include "22_cuda/cuda.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {

// The device, while it lives. Everything on it must be gone before it.
struct CudaHere {
  CudaHere() { cuda::install(); }
  ~CudaHere() { cuda::remove(); }
  CudaHere(const CudaHere&) = delete;
  CudaHere& operator=(const CudaHere&) = delete;
};

inline Array on_gpu(const Shape& shape) { return Array::on(gpu, shape); }  // NaN everywhere
inline Array filled(const Shape& shape, Real value) { return Array::full(shape, value).to(gpu); }

// What a test hands to a kernel, and what it wants back.
using Compute = std::function<Array(const Arrays& inputs)>;
enum class Bits : std::uint8_t { same, may_differ };

inline Array computed(const Compute& compute, const Arrays& inputs, emulator::Order order) {
  const emulator::InOrder in_order(order);
  return compute(inputs);
}

// Inputs are on the CPU here and on the device for `compute`.
inline testing::AssertionResult agrees(const Compute& compute, const Arrays& inputs, const Array& expected,
                                       Tolerance tolerance = value_tolerance, Bits bits = Bits::same) {
  if (near(zeros(expected.shape()), expected, tolerance)) {
    return testing::AssertionFailure() << "this case would let an output of zeros pass";
  }
  Arrays there;
  for (const Array& each : inputs) there.push_back(each.to(gpu));
  const std::uint64_t before = transfers();
  Array forward, backward;
  try {
    forward = computed(compute, there, emulator::Order::forward);
    backward = computed(compute, there, emulator::Order::backward);
  } catch (const KernelError& error) {
    return testing::AssertionFailure() << error.what();
  }
  if (transfers() != before) return testing::AssertionFailure() << "numbers were copied between host and device";
  if (const auto right = near(forward.cpu(), expected, tolerance); !right) return right;
  if (const auto right = near(backward.cpu(), expected, tolerance); !right) {
    return testing::AssertionFailure() << "with the threads in the opposite order: " << right.message();
  }
  if (bits == Bits::same && !same_bits(forward.cpu(), backward.cpu())) {
    return testing::AssertionFailure() << "the bits depend on the order in which threads come";
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!same_bits(there[i].cpu(), inputs[i])) return testing::AssertionFailure() << "input " << i << " was changed";
  }
  return testing::AssertionSuccess();
}

// An Array whose element i is f(i).
template <class F>
Array tabulated(const Shape& shape, F f) {
  Array out(shape);
  for (std::int64_t i = 0; i < out.size(); ++i) out.mutable_data()[i] = static_cast<Real>(f(i));
  return out;
}

inline double number(const Array& x, std::int64_t i) { return static_cast<double>(x.data()[i]); }

}  // namespace rushlight::test
