// elementwise.cpp: activations that look at one number at a time. Where a derivative can be had from the output, the
// op keeps only the output; where it needs the input, only the input.
#include <cmath>

#include "01_tensor/todo.hpp"
#include "02_activations/activations.hpp"
#include "02_activations/loops.hpp"

namespace rushlight {

// 02.1 relu  x (any shape) -> same shape;  y = max(x, 0), NaN stays NaN;  y' = 0 where x <= 0, else 1, also at NaN
// Hint: the rule needs only the output: where y is 0 the gradient stops. Choose it, do not multiply: 0 · NaN is NaN.
Tensor relu(const Tensor& x) {
  const Array y = elementwise([](Real v) { return v <= 0 ? Real{0} : v; }, x.value());
  return record("relu", y, {x}, Save::output, [](const Backward& bw) -> Arrays {
    return {elementwise([](Real g, Real y) { return y == 0 ? Real{0} : g; }, bw.grad, bw.out)};
  });
}

// 02.1 leaky_relu  x (any shape), slope -> same shape;  y = x where x > 0, else slope · x;  y' = 1 or slope
// Hint: slope may be 0 or negative, so that the sign of y says nothing: this rule needs the input.
Tensor leaky_relu(const Tensor& x, Real slope) {
  const Array y = elementwise([slope](Real v) { return v <= 0 ? slope * v : v; }, x.value());
  return record("leaky_relu", y, {x}, Save::inputs, [slope](const Backward& bw) -> Arrays {
    return {elementwise([slope](Real g, Real v) { return v <= 0 ? slope * g : g; }, bw.grad, bw.in(0))};
  });
}

namespace {  // solution

// 1 / (1 + e⁻ˣ) for x >= 0 and eˣ / (1 + eˣ) below: the same function, written so that exp only ever sees -|x|.
Array logistic(const Array& x) {
  const Array small = exp(elementwise([](Real v) { return -std::abs(v); }, x));
  return elementwise([](Real v, Real e) { return (v >= 0 ? 1 : e) / (1 + e); }, x, small);
}

}  // namespace

// 02.2 sigmoid  x (any shape) -> same shape;  y = 1 / (1 + e⁻ˣ);  y' = y (1 - y)
// Hint: e⁻ˣ overflows for x = -1000, e^-|x| never does. Multiply the fraction by eˣ / eˣ where x < 0.
Tensor sigmoid(const Tensor& x) {
  return record("sigmoid", logistic(x.value()), {x}, Save::output, [](const Backward& bw) -> Arrays {
    return {elementwise([](Real g, Real y) { return g * y * (1 - y); }, bw.grad, bw.out)};
  });
}

// 02.2 tanh  x (any shape) -> same shape;  y' = 1 - y²
// Hint: module 01 has tanh for Arrays.
Tensor tanh(const Tensor& x) {
  return record("tanh", tanh(x.value()), {x}, Save::output, [](const Backward& bw) -> Arrays {
    return {elementwise([](Real g, Real y) { return g * (1 - y * y); }, bw.grad, bw.out)};
  });
}

// 02.4 silu  x (any shape) -> same shape;  y = x · σ(x);  y' = σ(x) · (1 + x · (1 - σ(x)))
// Hint: y alone does not tell x (it falls before it rises), so keep the input and compute σ(x) again in the rule.
Tensor silu(const Tensor& x) {
  const Array y = elementwise([](Real v, Real s) { return v * s; }, x.value(), logistic(x.value()));
  return record("silu", y, {x}, Save::inputs, [](const Backward& bw) -> Arrays {
    return {elementwise([](Real g, Real v, Real s) { return g * s * (1 + v * (1 - s)); }, bw.grad, bw.in(0),
                        logistic(bw.in(0)))};
  });
}

}  // namespace rushlight
