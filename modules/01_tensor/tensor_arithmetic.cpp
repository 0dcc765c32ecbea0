// tensor_arithmetic.cpp: elementwise ops that know their derivative. A rule may return a gradient of the broadcast
// shape: the engine sums it down to each input's own shape.
#include "01_tensor/tensor.hpp"
#include "01_tensor/todo.hpp"

namespace rushlight {

// 01.7 add  a, b (shapes that broadcast) -> the broadcast shape;  ∂(a+b)/∂a = 1, ∂(a+b)/∂b = 1
// Hint: return record("add", <the value>, {a, b}, Save::nothing, <the rule>);
Tensor add(const Tensor& a, const Tensor& b) {
  todo("01.7");
}

// 01.7 sub  as add;  ∂(a-b)/∂a = 1, ∂(a-b)/∂b = -1
// Hint: bw.needs(1) tells whether anybody wants b's gradient.
Tensor sub(const Tensor& a, const Tensor& b) {
  todo("01.7");
}

// 01.7 mul  as add;  ∂(a·b)/∂a = b, ∂(a·b)/∂b = a
// Hint: bw.in(0) is a's value.
Tensor mul(const Tensor& a, const Tensor& b) {
  todo("01.7");
}

// 01.7 div  as add;  ∂(a/b)/∂a = 1/b, ∂(a/b)/∂b = -a/b²
// Hint: -a/b² = -out/b.
Tensor div(const Tensor& a, const Tensor& b) {
  todo("01.7");
}

// 01.7 neg  x (any shape) -> same shape;  (-x)' = -1
// Hint: the rule needs neither input nor output.
Tensor neg(const Tensor& x) {
  todo("01.7");
}

// 01.7 exp  x (any shape) -> same shape;  exp' = exp
// Hint: exp(x) is the output, bw.out.
Tensor exp(const Tensor& x) {
  todo("01.7");
}

// 01.7 log  x (any shape) -> same shape;  log' = 1/x
// Hint: the rule needs the input.
Tensor log(const Tensor& x) {
  todo("01.7");
}

// 01.7 sqrt  x (any shape) -> same shape;  √' = 1/(2√x), infinite at 0
// Hint: √x is the output.
Tensor sqrt(const Tensor& x) {
  todo("01.7");
}

// 01.7 abs  x (any shape) -> same shape;  |x|' = sign(x), and 0 at 0
// Hint: two masks, or two choices with where.
Tensor abs(const Tensor& x) {
  todo("01.7");
}

// 01.7 pow  x (any shape), one exponent -> same shape;  (xⁿ)' = n · xⁿ⁻¹, and 0 for n = 0
// Hint: capture the exponent: [exponent](const Backward& bw) { ... }.
Tensor pow(const Tensor& x, Real exponent) {
  todo("01.7");
}

// 01.7 maximum  as add;  the gradient goes to the larger operand; a tie sends half to each, a NaN all of it to both
// Hint: an operand gets nothing where it is less, half where both are equal, else all: less, equal, where.
Tensor maximum(const Tensor& a, const Tensor& b) {
  todo("01.7");
}

// 01.7 minimum  as maximum, with the smaller operand
// Hint: as maximum.
Tensor minimum(const Tensor& a, const Tensor& b) {
  todo("01.7");
}

// 01.7 where  condition, a, b (shapes that broadcast) -> the broadcast shape
// The gradient goes where the value came from, and the other operand gets 0 there.
// Hint: capture the mask; 0 elsewhere, chosen and not multiplied.
Tensor where(const Mask& condition, const Tensor& a, const Tensor& b) {
  todo("01.7");
}

}  // namespace rushlight
