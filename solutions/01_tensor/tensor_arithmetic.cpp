// tensor_arithmetic.cpp: elementwise ops that know their derivative. A rule may return a gradient of the broadcast
// shape: the engine sums it down to each input's own shape.
#include "01_tensor/tensor.hpp"
#include "01_tensor/todo.hpp"

namespace rushlight {

// 01.7 add  a, b (shapes that broadcast) -> the broadcast shape;  ∂(a+b)/∂a = 1, ∂(a+b)/∂b = 1
// Hint: return record("add", <the value>, {a, b}, Save::nothing, <the rule>);
Tensor add(const Tensor& a, const Tensor& b) {
  return record("add", add(a.value(), b.value()), {a, b}, Save::nothing, [](const Backward& bw) -> Arrays {
    return {bw.grad, bw.grad};
  });
}

// 01.7 sub  as add;  ∂(a-b)/∂a = 1, ∂(a-b)/∂b = -1
// Hint: bw.needs(1) tells whether anybody wants b's gradient.
Tensor sub(const Tensor& a, const Tensor& b) {
  return record("sub", sub(a.value(), b.value()), {a, b}, Save::nothing, [](const Backward& bw) -> Arrays {
    return {bw.grad, bw.needs(1) ? -bw.grad : Array()};
  });
}

// 01.7 mul  as add;  ∂(a·b)/∂a = b, ∂(a·b)/∂b = a
// Hint: bw.in(0) is a's value.
Tensor mul(const Tensor& a, const Tensor& b) {
  return record("mul", mul(a.value(), b.value()), {a, b}, Save::inputs, [](const Backward& bw) -> Arrays {
    return {bw.needs(0) ? bw.grad * bw.in(1) : Array(), bw.needs(1) ? bw.grad * bw.in(0) : Array()};
  });
}

// 01.7 div  as add;  ∂(a/b)/∂a = 1/b, ∂(a/b)/∂b = -a/b²
// Hint: -a/b² = -out/b.
Tensor div(const Tensor& a, const Tensor& b) {
  return record("div", div(a.value(), b.value()), {a, b}, Save::all, [](const Backward& bw) -> Arrays {
    const Array over_b = bw.grad / bw.in(1);
    return {over_b, bw.needs(1) ? -(over_b * bw.out) : Array()};
  });
}

// 01.7 neg  x (any shape) -> same shape;  (-x)' = -1
// Hint: the rule needs neither input nor output.
Tensor neg(const Tensor& x) {
  return record("neg", neg(x.value()), {x}, Save::nothing, [](const Backward& bw) -> Arrays { return {-bw.grad}; });
}

// 01.7 exp  x (any shape) -> same shape;  exp' = exp
// Hint: exp(x) is the output, bw.out.
Tensor exp(const Tensor& x) {
  return record("exp", exp(x.value()), {x}, Save::output,
                [](const Backward& bw) -> Arrays { return {bw.grad * bw.out}; });
}

// 01.7 log  x (any shape) -> same shape;  log' = 1/x
// Hint: the rule needs the input.
Tensor log(const Tensor& x) {
  return record("log", log(x.value()), {x}, Save::inputs,
                [](const Backward& bw) -> Arrays { return {bw.grad / bw.in(0)}; });
}

// 01.7 sqrt  x (any shape) -> same shape;  √' = 1/(2√x), infinite at 0
// Hint: √x is the output.
Tensor sqrt(const Tensor& x) {
  return record("sqrt", sqrt(x.value()), {x}, Save::output,
                [](const Backward& bw) -> Arrays { return {bw.grad * Real{0.5} / bw.out}; });
}

// 01.7 abs  x (any shape) -> same shape;  |x|' = sign(x), and 0 at 0
// Hint: two masks, or two choices with where.
Tensor abs(const Tensor& x) {
  return record("abs", abs(x.value()), {x}, Save::inputs, [](const Backward& bw) -> Arrays {
    const Array zero = Array::scalar(0);
    const Array below = where(less(bw.in(0), zero), -bw.grad, zero);
    return {where(greater(bw.in(0), zero), bw.grad, below)};
  });
}

// 01.7 pow  x (any shape), one exponent -> same shape;  (xⁿ)' = n · xⁿ⁻¹, and 0 for n = 0
// Hint: capture the exponent: [exponent](const Backward& bw) { ... }.
Tensor pow(const Tensor& x, Real exponent) {
  return record("pow", pow(x.value(), exponent), {x}, Save::inputs, [exponent](const Backward& bw) -> Arrays {
    if (exponent == 0) return {zeros(bw.grad.shape())};  // 0 · x⁻¹ would be NaN at 0
    return {bw.grad * (exponent * pow(bw.in(0), exponent - 1))};
  });
}

namespace {  // solution

// The share of the gradient of an operand that `loses` against the other one here and there: nothing where it does,
// half where both are equal. A NaN loses nowhere, so it hands the gradient on, as in PyTorch.
Array share(const Array& grad, const Mask& loses, const Mask& ties) {
  return where(loses, Array::scalar(0), where(ties, Real{0.5} * grad, grad));
}

}  // namespace

// 01.7 maximum  as add;  the gradient goes to the larger operand; a tie sends half to each, a NaN all of it to both
// Hint: an operand gets nothing where it is less, half where both are equal, else all: less, equal, where.
Tensor maximum(const Tensor& a, const Tensor& b) {
  return record("maximum", maximum(a.value(), b.value()), {a, b}, Save::inputs, [](const Backward& bw) -> Arrays {
    const Array &x = bw.in(0), &y = bw.in(1);
    const Mask ties = equal(x, y);
    return {bw.needs(0) ? share(bw.grad, less(x, y), ties) : Array(),
            bw.needs(1) ? share(bw.grad, greater(x, y), ties) : Array()};
  });
}

// 01.7 minimum  as maximum, with the smaller operand
// Hint: as maximum.
Tensor minimum(const Tensor& a, const Tensor& b) {
  return record("minimum", minimum(a.value(), b.value()), {a, b}, Save::inputs, [](const Backward& bw) -> Arrays {
    const Array &x = bw.in(0), &y = bw.in(1);
    const Mask ties = equal(x, y);
    return {bw.needs(0) ? share(bw.grad, greater(x, y), ties) : Array(),
            bw.needs(1) ? share(bw.grad, less(x, y), ties) : Array()};
  });
}

// 01.7 where  condition, a, b (shapes that broadcast) -> the broadcast shape
// The gradient goes where the value came from, and the other operand gets 0 there.
// Hint: capture the mask; 0 elsewhere, chosen and not multiplied.
Tensor where(const Mask& condition, const Tensor& a, const Tensor& b) {
  return record("where", where(condition, a.value(), b.value()), {a, b}, Save::nothing,
                [condition](const Backward& bw) -> Arrays {
                  const Array zero = Array::scalar(0);
                  return {bw.needs(0) ? where(condition, bw.grad, zero) : Array(),
                          bw.needs(1) ? where(condition, zero, bw.grad) : Array()};
                });
}

}  // namespace rushlight
