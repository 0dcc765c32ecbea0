// linear.cpp: y = x·Wᵀ + b.
// Letters: I inputs, O outputs, R rows: all leading axes of x as one.
#include "03_layers/linear.hpp"

#include <cmath>

#include "01_tensor/todo.hpp"
#include "03_layers/init.hpp"

namespace rushlight {
namespace {

void check_linear(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  if (weight.rank() != 2) {
    throw ShapeError("linear: weight is {}, but it must be (out, in).", {weight.shape()});
  }
  if (x.rank() == 0 || x.dim(-1) != weight.dim(1)) {
    throw ShapeError(
        "linear: x {} and weight {} do not fit: needs x (..., in) and weight (out, in), and "
        "this weight takes {} inputs.",
        {x.shape(), weight.shape(), weight.dim(1)});
  }
  if (bias.defined() && bias.shape() != Shape{weight.dim(0)}) {
    throw ShapeError("linear: bias is {}, but weight {} gives {} outputs: needs bias ({},).",
                     {bias.shape(), weight.shape(), weight.dim(0), weight.dim(0)});
  }
}

// (..., D) seen as (R, D): the same buffer under another shape, so this costs nothing.
Array as_rows(const Array& x) {
  std::int64_t rows = 1;
  for (int axis = 0; axis < x.rank() - 1; ++axis) rows *= x.dim(axis);
  return x.with_shape({rows, x.dim(-1)});
}

// `shape` with its last size replaced.
Shape with_last(Shape shape, std::int64_t size) {
  shape[shape.rank() - 1] = size;
  return shape;
}

// 03.2 linear_forward  x (R, I), weight (O, I), bias (O) or undefined -> (R, O);  y = x·Wᵀ + b
// Hint: one matmul with .transpose_b reads W as Wᵀ where it lies. The bias broadcasts over the rows by itself.
Array linear_forward(const Array& x, const Array& weight, const Array& bias) {
  const Array product = matmul(x, weight, {.transpose_b = true});
  return bias.defined() ? product + bias : product;
}

// 03.2 linear_backward  bw.grad (..., O); inputs x (..., I), weight (O, I) and, if has_bias, bias (O)
//   -> {dx, dweight} or {dx, dweight, dbias};  dx = G·W,  dW = Gᵀ·x,  db = Σ G over the rows
// Hint: as_rows makes G and x matrices; only dx goes back to the shape of x. Skip what bw.needs(i) does not ask for.
Arrays linear_backward(const Backward& bw, bool has_bias) {
  const Array grad = as_rows(bw.grad);
  Arrays gradients(has_bias ? 3 : 2);
  if (bw.needs(0)) gradients[0] = matmul(grad, bw.in(1)).with_shape(bw.in_shape(0));
  if (bw.needs(1)) gradients[1] = matmul(grad, as_rows(bw.in(0)), {.transpose_a = true});
  if (has_bias && bw.needs(2)) gradients[2] = sum(grad, {0});
  return gradients;
}

}  // namespace

// 03.2 linear  x (..., I), weight (O, I), bias (O) or empty -> (..., O), one op called "linear"
// Hint: check_linear first; compute on as_rows(x.value()) and give the result its leading axes back (with_last); then
// record with {x, weight} or {x, weight, bias}.
Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  check_linear(x, weight, bias);
  const bool has_bias = bias.defined();
  const Array y = linear_forward(as_rows(x.value()), weight.value(), has_bias ? bias.value() : Array())
                      .with_shape(with_last(x.shape(), weight.dim(0)));
  const Rule rule = [has_bias](const Backward& bw) { return linear_backward(bw, has_bias); };
  if (!has_bias) return record("linear", y, {x, weight}, Save::inputs, rule);
  return record("linear", y, {x, weight, bias}, Save::inputs, rule);
}

// 03.3 Linear  weight (out, in), then bias (out), both U(-1/√in, 1/√in) and with requires_grad
// Hint: Tensor(Array({out, in}), true) has the shape and no values yet; kaiming_uniform_ with a = √5 gives the weight
// its values, uniform_ the bias. Without options.bias, leave bias empty.
Linear::Linear(LinearOptions options, Generator& generator) {
  if (options.in < 1 || options.out < 1) {
    throw ValueError("Linear: in is {} and out is {}, but both must be at least 1.", {options.in, options.out});
  }
  // solution 03.3
  weight = Tensor(Array({options.out, options.in}), true);
  kaiming_uniform_(weight, generator, {.a = std::sqrt(5.0)});
  if (!options.bias) return;
  const double bound = 1 / std::sqrt(static_cast<double>(options.in));
  bias = Tensor(Array(Shape{options.out}), true);
  uniform_(bias, generator, -bound, bound);
  // end solution
}

// 03.3 Linear::forward  x (..., in) -> (..., out)
// Hint: you have written it above.
Tensor Linear::forward(const Tensor& x) { return linear(x, weight, bias); }

// 03.3 Linear::members  lists "weight" and "bias"
// Hint: m("weight", weight); what is not listed is never trained, saved or loaded. The walk skips an empty bias.
void Linear::members(Members& m) {
  m("weight", weight);
  m("bias", bias);
}

}  // namespace rushlight
