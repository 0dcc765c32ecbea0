// elementwise.cpp: activations that look at one number at a time. For its derivative an op saves its output or its input,
// never both: here the output where that is enough, since whatever comes next mostly keeps it anyway.
#include "01_tensor/todo.hpp"
#include "02_activations/activations.hpp"

namespace rushlight {

// 02.1 relu  x (any shape) -> same shape;  y = max(x, 0), NaN stays NaN;  y' = 0 where x <= 0, else 1, also at NaN
// Hint: the rule needs only the output: where y is 0 the gradient stops. Choose it, do not multiply: 0 · NaN is NaN.
Tensor relu(const Tensor& x) {
  const Array zero = Array::scalar(0);
  return record("relu", maximum(x.value(), zero), {x}, Save::output,
                [zero](const Backward& bw) -> Arrays { return {where(equal(bw.out, zero), zero, bw.grad)}; });
}

// 02.1 leaky_relu  x (any shape), slope -> same shape;  y = x where x > 0, else slope · x;  y' = slope where x <= 0, else
// 1, also at NaN
// Hint: slope may be 0 or negative, so that the sign of y says nothing: this rule needs the input. NaN <= 0 is false, and
// so is NaN > 0: choose the side that NaN is not on.
Tensor leaky_relu(const Tensor& x, Real slope) {
  const Array zero = Array::scalar(0);
  const Array y = where(greater(x.value(), zero), x.value(), slope * x.value());
  return record("leaky_relu", y, {x}, Save::inputs, [slope, zero](const Backward& bw) -> Arrays {
    const Array at_most_zero = minimum(bw.in(0), zero);  // x itself where x <= 0; NaN is equal to nothing
    return {where(equal(bw.in(0), at_most_zero), slope * bw.grad, bw.grad)};
  });
}

namespace {  // solution

// 1 / (1 + e⁻ˣ) for x >= 0 and eˣ / (1 + eˣ) below: the same function, written so that exp only ever sees -|x|.
Array logistic(const Array& x) {
  const Array e = exp(-abs(x));
  return where(less(x, Array::scalar(0)), e, Array::scalar(1)) / (Real{1} + e);
}

}  // namespace

// 02.2 sigmoid  x (any shape) -> same shape;  y = 1 / (1 + e⁻ˣ);  y' = y (1 - y)
// Hint: e⁻ˣ overflows for x = -1000, e^-|x| never does. Multiply the fraction by eˣ / eˣ where x < 0.
Tensor sigmoid(const Tensor& x) {
  return record("sigmoid", logistic(x.value()), {x}, Save::output,
                [](const Backward& bw) -> Arrays { return {bw.grad * bw.out * (Real{1} - bw.out)}; });
}

// 02.2 tanh  x (any shape) -> same shape;  y' = 1 - y²;  near 0 y has all the digits of x
// Hint: module 01 has tanh for Arrays.
Tensor tanh(const Tensor& x) {
  return record("tanh", tanh(x.value()), {x}, Save::output,
                [](const Backward& bw) -> Arrays { return {bw.grad * (Real{1} - bw.out * bw.out)}; });
}

// 02.4 silu  x (any shape) -> same shape;  y = x · σ(x);  y' = σ(x) · (1 + x · (1 - σ(x)))
// Hint: y alone does not tell x (it falls before it rises), so keep the input and compute σ(x) again in the rule.
Tensor silu(const Tensor& x) {
  return record("silu", x.value() * logistic(x.value()), {x}, Save::inputs, [](const Backward& bw) -> Arrays {
    const Array s = logistic(bw.in(0));
    return {bw.grad * s * (Real{1} + bw.in(0) * (Real{1} - s))};
  });
}

}  // namespace rushlight
