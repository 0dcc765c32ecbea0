// clip.cpp: a limit on how far one step can be pushed by one bad batch.
#include "07_training/clip.hpp"

#include <cmath>
#include <functional>
#include <numeric>

#include "01_tensor/todo.hpp"

namespace rushlight {

// 07.1 plain_sum_of_squares  x (any shape) -> Σ x², in double
// Hint: a float's square may be too large or too small for a float: convert first, then multiply.
double plain_sum_of_squares(const Array& x) {
  todo("07.1");
}

// 07.1 grad_norm  parameters -> √(Σ over all elements of all gradients g²), in double;  undefined gradients are skipped
// Hint: one sum_of_squares over everything and one root at the end: a sum of the parameters' norms is something else.
double grad_norm(const Tensors& parameters) {
  todo("07.1");
}

// 07.1 clip_grad_norm  parameters, max_norm > 0 -> the norm before;  grad ← grad · min(1, max_norm/(norm + 1e-6))
// When that factor is 1 or the norm is not finite, no gradient array is touched or replaced. With error_if_nonfinite a
// norm that is not finite is a ValueError that names the norm, and the index and shape of the first parameter to blame.
// Hint: parameter.set_grad(grad * factor) makes a new array; the old one may be somebody else's gradient as well.
double clip_grad_norm(const Tensors& parameters, double max_norm, const ClipOptions& options) {
  todo("07.1");
}

// 07.1 clip_grad_value  parameters, limit > 0;  each element of each gradient ← clamp(g, -limit, limit);  a NaN stays
// A gradient that holds nothing larger keeps its array.
// Hint: maximum and minimum of module 01 keep a NaN, and so does max: max(abs(grad)) may be one.
void clip_grad_value(const Tensors& parameters, double limit) {
  todo("07.1");
}

}  // namespace rushlight
