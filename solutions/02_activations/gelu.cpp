// gelu.cpp: x times the probability that a normal number is below x, exactly and by tanh. The loops stand apart from
// the op, so that faster ones can take their place.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "01_tensor/todo.hpp"
#include "02_activations/activations.hpp"
#include "02_activations/loops.hpp"

namespace rushlight {

namespace {  // solution

// Both variants are x/2 · (1 + t) for a t that goes from -1 to 1 in the shape of an S: erf or tanh of something.
constexpr auto root_half = static_cast<Real>(0.5 * std::numbers::sqrt2);                              // √(1/2)
constexpr auto root_two_over_pi = static_cast<Real>(std::numbers::sqrt2 * std::numbers::inv_sqrtpi);  // √(2/π)
constexpr auto cubic = static_cast<Real>(0.044715);

Array s_curve(const Array& x, GeluApproximation approximation) {
  if (approximation == GeluApproximation::none) return erf(elementwise([](Real v) { return root_half * v; }, x));
  return tanh(elementwise([](Real v) { return root_two_over_pi * v * (1 + cubic * v * v); }, x));
}

// dt/dx.
Array s_curve_slope(const Array& x, const Array& t, GeluApproximation approximation) {
  if (approximation == GeluApproximation::none) {
    const Array bell = exp(elementwise([](Real v) { return v * v / -2; }, x));  // erf'(u) = 2/√π · exp(-u²)
    return elementwise([](Real e) { return root_two_over_pi * e; }, bell);
  }
  const auto most = static_cast<Real>(1e30);  // 1 - t² is 0 long before v² is infinite, and 0 · inf would be NaN
  return elementwise(
      [most](Real v, Real t) { return (1 - t * t) * root_two_over_pi * (1 + 3 * cubic * std::min(v * v, most)); }, x,
      t);
}

}  // namespace

// 02.3 gelu_forward  x (any shape) -> same shape;  x/2 · (1 + t), with t = erf(x/√2) or tanh(√(2/π)(x + 0.044715 x³))
// Hint: make an Array of what stands in the brackets, call module 01's erf or tanh on it, and finish with one loop.
Array gelu_forward(const Array& x, GeluApproximation approximation) {
  return elementwise([](Real v, Real t) { return v / 2 * (1 + t); }, x, s_curve(x, approximation));
}

// 02.3 gelu_backward  grad, x (any shape) -> same shape;  grad · ((1 + t)/2 + x/2 · t'(x))
// The slope is finite for finite x, and NaN at ±inf. Hint: erf'(u) = 2/√π · exp(-u²), tanh'(u) = 1 - tanh²(u), and then the
// chain rule for what stands in the brackets. Where x² overflows, tanh' is 0, and 0 · inf is NaN.
Array gelu_backward(const Array& grad, const Array& x, GeluApproximation approximation) {
  const Array t = s_curve(x, approximation);  // once more: cheaper than keeping it from the forward pass
  return elementwise([](Real g, Real v, Real t, Real slope) { return g * ((1 + t) + v * slope) / 2; }, grad, x, t,
                     s_curve_slope(x, t, approximation));
}

// 02.3 gelu  x (any shape) -> same shape
// Hint: ask the slot for a kernel: gelu_slot.get(x.value().device(), {gelu_forward, gelu_backward}).
Tensor gelu(const Tensor& x, GeluApproximation approximation) {
  const GeluKernel kernel = gelu_slot.get(x.value().device(), {gelu_forward, gelu_backward});
  return record("gelu", kernel.forward(x.value(), approximation), {x}, Save::inputs,
                [backward = kernel.backward, approximation](const Backward& bw) -> Arrays {
                  return {backward(bw.grad, bw.in(0), approximation)};
                });
}

}  // namespace rushlight
