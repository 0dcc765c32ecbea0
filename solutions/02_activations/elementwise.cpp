// elementwise.cpp: activations that look at one number at a time. Where a derivative can be had from the output, the
// op keeps only the output; where it needs the input, only the input.
#include <cmath>
#include <numbers>

#include "01_tensor/todo.hpp"
#include "02_activations/activations.hpp"
#include "02_activations/loops.hpp"

namespace rushlight {

// 02.1 relu  x (any shape) -> same shape;  y = max(x, 0), NaN stays NaN;  y' = 1 where x > 0, else 0
// Hint: the rule needs only the output: where y is 0 the gradient stops. Choose it, do not multiply: 0 · NaN is NaN.
Tensor relu(const Tensor& x) {
  // solution 02.1
  const Array y = elementwise([](Real v) { return v <= 0 ? Real{0} : v; }, x.value());
  return record(
      "relu", y, {x},
      [](const Backward& bw) -> Arrays {
        return {elementwise([](Real g, Real y) { return y == 0 ? Real{0} : g; }, bw.grad, bw.out)};
      },
      Save::output);
  // end solution
}

// 02.1 leaky_relu  x (any shape), slope -> same shape;  y = x where x > 0, else slope · x;  y' = 1 or slope
// Hint: slope may be 0 or negative, so that the sign of y says nothing: this rule needs the input.
Tensor leaky_relu(const Tensor& x, Real slope) {
  // solution 02.1
  const Array y = elementwise([slope](Real v) { return v <= 0 ? slope * v : v; }, x.value());
  return record(
      "leaky_relu", y, {x},
      [slope](const Backward& bw) -> Arrays {
        return {elementwise([slope](Real g, Real v) { return v <= 0 ? slope * g : g; }, bw.grad, bw.in(0))};
      },
      Save::inputs);
  // end solution
}

// solution helper
namespace {

// 1 / (1 + e⁻ˣ) for x >= 0 and eˣ / (1 + eˣ) below: the same function, written so that exp only ever sees -|x|.
Array logistic(const Array& x) {
  const Array small = exp(elementwise([](Real v) { return -std::abs(v); }, x));
  return elementwise([](Real v, Real e) { return (v >= 0 ? 1 : e) / (1 + e); }, x, small);
}

}  // namespace
// end solution

// 02.2 sigmoid  x (any shape) -> same shape;  y = 1 / (1 + e⁻ˣ);  y' = y (1 - y)
// Hint: e⁻ˣ overflows for x = -1000, e^-|x| never does. Multiply the fraction by eˣ / eˣ where x < 0.
Tensor sigmoid(const Tensor& x) {
  // solution 02.2
  return record(
      "sigmoid", logistic(x.value()), {x},
      [](const Backward& bw) -> Arrays {
        return {elementwise([](Real g, Real y) { return g * y * (1 - y); }, bw.grad, bw.out)};
      },
      Save::output);
  // end solution
}

// 02.2 tanh  x (any shape) -> same shape;  y' = 1 - y²
// Hint: module 01 has tanh for Arrays.
Tensor tanh(const Tensor& x) {
  // solution 02.2
  return record(
      "tanh", tanh(x.value()), {x},
      [](const Backward& bw) -> Arrays {
        return {elementwise([](Real g, Real y) { return g * (1 - y * y); }, bw.grad, bw.out)};
      },
      Save::output);
  // end solution
}

// solution helper
namespace {

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
  return elementwise([](Real v, Real t) { return (1 - t * t) * root_two_over_pi * (1 + 3 * cubic * v * v); }, x, t);
}

}  // namespace
// end solution

// 02.3 gelu_forward  x (any shape) -> same shape;  x/2 · (1 + t), with t = erf(x/√2) or tanh(√(2/π)(x + 0.044715 x³))
// Hint: make an Array of what stands in the brackets, call module 01's erf or tanh on it, and finish with one loop.
Array gelu_forward(const Array& x, GeluApproximation approximation) {
  // solution 02.3
  return elementwise([](Real v, Real t) { return v / 2 * (1 + t); }, x, s_curve(x, approximation));
  // end solution
}

// 02.3 gelu_backward  grad, x (any shape) -> same shape;  grad · ((1 + t)/2 + x/2 · t'(x))
// Hint: erf'(u) = 2/√π · exp(-u²), tanh'(u) = 1 - tanh²(u), and then the chain rule for what stands in the brackets.
Array gelu_backward(const Array& grad, const Array& x, GeluApproximation approximation) {
  // solution 02.3
  const Array t = s_curve(x, approximation);  // once more: cheaper than keeping it from the forward pass
  return elementwise([](Real g, Real v, Real t, Real slope) { return g * ((1 + t) + v * slope) / 2; }, grad, x, t,
                     s_curve_slope(x, t, approximation));
  // end solution
}

// 02.3 gelu  x (any shape) -> same shape
// Hint: ask the slot for a kernel: gelu_slot.get(x.value().device(), {gelu_forward, gelu_backward}).
Tensor gelu(const Tensor& x, GeluApproximation approximation) {
  // solution 02.3
  const GeluKernel kernel = gelu_slot.get(x.value().device(), {gelu_forward, gelu_backward});
  return record(
      "gelu", kernel.forward(x.value(), approximation), {x},
      [backward = kernel.backward, approximation](const Backward& bw) -> Arrays {
        return {backward(bw.grad, bw.in(0), approximation)};
      },
      Save::inputs);
  // end solution
}

// 02.4 silu  x (any shape) -> same shape;  y = x · σ(x);  y' = σ(x) · (1 + x · (1 - σ(x)))
// Hint: y alone does not tell x (it falls before it rises), so keep the input and compute σ(x) again in the rule.
Tensor silu(const Tensor& x) {
  // solution 02.4
  const Array y = elementwise([](Real v, Real s) { return v * s; }, x.value(), logistic(x.value()));
  return record(
      "silu", y, {x},
      [](const Backward& bw) -> Arrays {
        return {elementwise([](Real g, Real v, Real s) { return g * s * (1 + v * (1 - s)); }, bw.grad, bw.in(0),
                            logistic(bw.in(0)))};
      },
      Save::inputs);
  // end solution
}

}  // namespace rushlight
