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
  todo("03.2");
}

// 03.2 linear_backward  bw.grad (..., O); inputs x (..., I), weight (O, I) and, if has_bias, bias (O)
//   -> {dx, dweight} or {dx, dweight, dbias};  dx = G·W,  dW = Gᵀ·x,  db = Σ G over the rows
// Hint: as_rows makes G and x matrices; only dx goes back to the shape of x. Skip what bw.needs(i) does not ask for.
Arrays linear_backward(const Backward& bw, bool has_bias) {
  todo("03.2");
}

}  // namespace

// 03.2 linear  x (..., I), weight (O, I), bias (O) or empty -> (..., O), one op called "linear"
// Hint: check_linear first; compute on as_rows(x.value()) and give the result its leading axes back (with_last); then
// record with {x, weight} or {x, weight, bias}.
Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  todo("03.2");
}

// 03.3 Linear  weight (out, in), then bias (out), both U(-1/√in, 1/√in) and with requires_grad
// Hint: Tensor(Array({out, in}), true) has the shape and no values yet; kaiming_uniform_ with a = √5 gives the weight
// its values, uniform_ the bias. Without options.bias, leave bias empty.
Linear::Linear(LinearOptions options, Generator& generator) {
  if (options.in < 1 || options.out < 1) {
    throw ValueError("Linear: in is {} and out is {}, but both must be at least 1.", {options.in, options.out});
  }
  todo("03.3");
}

// 03.3 Linear::forward  x (..., in) -> (..., out)
// Hint: you have written it above.
Tensor Linear::forward(const Tensor& x) {
  todo("03.3");
}

// 03.3 Linear::members  lists "weight" and "bias"
// Hint: m("weight", weight); what is not listed is never trained, saved or loaded. The walk skips an empty bias.
void Linear::members(Members& m) {
  todo("03.3");
}

}  // namespace rushlight
