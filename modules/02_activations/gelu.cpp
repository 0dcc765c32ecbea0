// gelu.cpp: x times the probability that a normal number is below x, exactly and by tanh. The loops stand apart from
// the op, so that faster ones can take their place.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "01_tensor/todo.hpp"
#include "02_activations/activations.hpp"
#include "02_activations/loops.hpp"

namespace rushlight {

// 02.3 gelu_forward  x (any shape) -> same shape;  x/2 · (1 + t), with t = erf(x/√2) or tanh(√(2/π)(x + 0.044715 x³))
// Hint: make an Array of what stands in the brackets, call module 01's erf or tanh on it, and finish with one loop.
Array gelu_forward(const Array& x, GeluApproximation approximation) {
  todo("02.3");
}

// 02.3 gelu_backward  grad, x (any shape) -> same shape;  grad · ((1 + t)/2 + x/2 · t'(x))
// The slope is finite for finite x, and NaN at ±inf. Hint: erf'(u) = 2/√π · exp(-u²), tanh'(u) = 1 - tanh²(u), and then the
// chain rule for what stands in the brackets. Where x² overflows, tanh' is 0, and 0 · inf is NaN.
Array gelu_backward(const Array& grad, const Array& x, GeluApproximation approximation) {
  todo("02.3");
}

// 02.3 gelu  x (any shape) -> same shape
// Hint: ask the slot for a kernel: gelu_slot.get(x.value().device(), {gelu_forward, gelu_backward}).
Tensor gelu(const Tensor& x, GeluApproximation approximation) {
  todo("02.3");
}

}  // namespace rushlight
