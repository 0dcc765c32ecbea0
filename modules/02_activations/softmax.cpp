// softmax.cpp: the two activations that look at a whole line of numbers at once. N is the length of the axis.
#include "01_tensor/todo.hpp"
#include "02_activations/activations.hpp"

namespace rushlight {

// 02.5 softmax_forward  x (..., N, ...), axis in 0..rank-1 -> same shape;  y = exp(x - m) / Σ exp(x - m), m = max x
// Hint: a reduction with keepdim broadcasts back over x. An empty array has no maximum: mind it.
Array softmax_forward(const Array& x, int axis) {
  todo("02.5");
}

// 02.5 softmax_backward  grad, y (..., N, ...), axis in 0..rank-1 -> same shape;  dx = y · (grad - Σ grad · y)
// Hint: the sum runs along `axis` only, and every element of the line gets the same one.
Array softmax_backward(const Array& grad, const Array& y, int axis) {
  todo("02.5");
}

// 02.5 softmax  x (..., N, ...), axis -> same shape
// Hint: normalize_axis first (its first argument is the op's name); then as gelu, but the rule needs only the output.
Tensor softmax(const Tensor& x, int axis) {
  todo("02.5");
}

// 02.6 log_softmax  x (..., N, ...), axis -> same shape;  y = (x - m) - log Σ exp(x - m);  dx = g - exp(y) · Σ g
// Hint: take the log of the sum, never of a probability: log of a rounded 0 is -inf. exp(y) is the softmax.
Tensor log_softmax(const Tensor& x, int axis) {
  todo("02.6");
}

}  // namespace rushlight
