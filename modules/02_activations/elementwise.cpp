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
  todo("02.1");
}

// 02.1 leaky_relu  x (any shape), slope -> same shape;  y = x where x > 0, else slope · x;  y' = 1 or slope
// Hint: slope may be 0 or negative, so that the sign of y says nothing: this rule needs the input.
Tensor leaky_relu(const Tensor& x, Real slope) {
  todo("02.1");
}

// 02.2 sigmoid  x (any shape) -> same shape;  y = 1 / (1 + e⁻ˣ);  y' = y (1 - y)
// Hint: e⁻ˣ overflows for x = -1000, e^-|x| never does. Multiply the fraction by eˣ / eˣ where x < 0.
Tensor sigmoid(const Tensor& x) {
  todo("02.2");
}

// 02.2 tanh  x (any shape) -> same shape;  y' = 1 - y²
// Hint: module 01 has tanh for Arrays.
Tensor tanh(const Tensor& x) {
  todo("02.2");
}

// 02.3 gelu_forward  x (any shape) -> same shape;  x/2 · (1 + t), with t = erf(x/√2) or tanh(√(2/π)(x + 0.044715 x³))
// Hint: make an Array of what stands in the brackets, call module 01's erf or tanh on it, and finish with one loop.
Array gelu_forward(const Array& x, GeluApproximation approximation) {
  todo("02.3");
}

// 02.3 gelu_backward  grad, x (any shape) -> same shape;  grad · ((1 + t)/2 + x/2 · t'(x))
// Hint: erf'(u) = 2/√π · exp(-u²), tanh'(u) = 1 - tanh²(u), and then the chain rule for what stands in the brackets.
Array gelu_backward(const Array& grad, const Array& x, GeluApproximation approximation) {
  todo("02.3");
}

// 02.3 gelu  x (any shape) -> same shape
// Hint: ask the slot for a kernel: gelu_slot.get(x.value().device(), {gelu_forward, gelu_backward}).
Tensor gelu(const Tensor& x, GeluApproximation approximation) {
  todo("02.3");
}

// 02.4 silu  x (any shape) -> same shape;  y = x · σ(x);  y' = σ(x) · (1 + x · (1 - σ(x)))
// Hint: y alone does not tell x (it falls before it rises), so keep the input and compute σ(x) again in the rule.
Tensor silu(const Tensor& x) {
  todo("02.4");
}

}  // namespace rushlight
