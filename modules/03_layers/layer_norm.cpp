// layer_norm.cpp: rows to mean 0 and variance 1, then a learned scale and shift.
// Letters: R rows, D numbers in a row.
#include "03_layers/layer_norm.hpp"

#include "01_tensor/todo.hpp"

namespace rushlight {

// 03.5 composed_layer_norm  x (R, D), weight (D) and bias (D) or both undefined -> y (R, D), mean (R, 1), rstd (R, 1)
//   variance = mean((x - mean)²),  rstd = 1/√(variance + eps),  y = (x - mean)·rstd·weight + bias
// A row of equal numbers gives exactly 0, however large they are: beside eps, the last digit of a large mean is a lot.
// Hint: subtract the mean first and square what is left: mean(x²) - mean² loses every digit when the mean is large. A
// mean is rounded; add to it the mean of what it leaves, mean(x - mean(x)), and its last digit is right.
LayerNormForward composed_layer_norm(const Array& x, const Array& weight, const Array& bias, Real eps) {
  todo("03.5");
}

// 03.5 composed_layer_norm_backward_x  grad, x (R, D), weight (D) or undefined, row_mean, rstd (R, 1) -> dx (R, D)
//   h = grad·weight,  x̂ = (x - row_mean)·rstd,  dx = rstd·(h - mean(h) - x̂·mean(h·x̂)), means along each row
// Hint: keep the axis of the two means (keepdim), and they broadcast by themselves.
Array composed_layer_norm_backward_x(const Array& grad, const Array& x, const Array& weight, const Array& row_mean,
                                     const Array& rstd) {
  todo("03.5");
}

// 03.5 composed_layer_norm_backward_affine  grad, x (R, D), row_mean, rstd (R, 1) -> {dweight (D), dbias (D)}
//   dweight = Σ grad·x̂,  dbias = Σ grad, over the rows
// Hint: every row used the same weight, so every row adds to its gradient.
Arrays composed_layer_norm_backward_affine(const Array& grad, const Array& x, const Array& row_mean,
                                           const Array& rstd) {
  todo("03.5");
}

namespace {

bool ends_in(const Shape& shape, const Shape& tail) {
  const int extra = shape.rank() - tail.rank();
  return extra >= 0 && std::equal(tail.begin(), tail.end(), shape.begin() + extra);
}

void check_layer_norm(const Tensor& x, const Shape& shape, const Tensor& weight, const Tensor& bias) {
  if (!ends_in(x.shape(), shape)) {
    throw ShapeError("layer_norm: x {} does not end in {}, the shape to normalise over.", {x.shape(), shape});
  }
  if (weight.defined() != bias.defined()) throw ValueError("layer_norm: give weight and bias, or neither.");
  if (weight.defined() && (weight.shape() != shape || bias.shape() != shape)) {
    throw ShapeError("layer_norm: weight is {} and bias is {}, but both must be {}.",
                     {weight.shape(), bias.shape(), shape});
  }
}

}  // namespace

// Given: folds x to rows, calls whichever kernel is installed and records the op.
Tensor layer_norm(const Tensor& x, const Shape& shape, const Tensor& weight, const Tensor& bias, double eps) {
  check_layer_norm(x, shape, weight, bias);
  const bool affine = weight.defined();
  const std::int64_t width = shape.numel();
  const Shape rows{width == 0 ? 0 : x.size() / width, width};
  const auto flat = [width](const Array& array) { return array.with_shape(Shape{width}); };
  const LayerNormKernel kernel = layer_norm_slot.get(
      x.value().device(), {composed_layer_norm, composed_layer_norm_backward_x, composed_layer_norm_backward_affine});

  const LayerNormForward result = kernel.forward(x.value().with_shape(rows), affine ? flat(weight.value()) : Array(),
                                                 affine ? flat(bias.value()) : Array(), static_cast<Real>(eps));
  const Tensors inputs = affine ? Tensors{x, weight, bias} : Tensors{x};
  const auto rule = [=, mean = result.mean, rstd = result.rstd](const Backward& bw) -> Arrays {
    const Array grad = bw.grad.with_shape(rows);
    const Array input = bw.in(0).with_shape(rows);
    Arrays gradients(affine ? 3 : 1);
    if (bw.needs(0)) {
      gradients[0] = kernel.backward_x(grad, input, affine ? flat(bw.in(1)) : Array(), mean, rstd);
      gradients[0] = gradients[0].with_shape(bw.in_shape(0));
    }
    if (affine && (bw.needs(1) || bw.needs(2))) {
      const Arrays parts = kernel.backward_affine(grad, input, mean, rstd);
      for (int i = 0; i < 2; ++i) gradients[1 + i] = parts[i].with_shape(bw.in_shape(1 + i));
    }
    return gradients;
  };
  return record("layer_norm", result.y.with_shape(x.shape()), inputs, Save::inputs, rule);
}

// 03.5 LayerNorm  with options.affine: weight (shape) of ones and bias (shape) of zeros, both with requires_grad
// Hint: Tensor(ones(...), true).
LayerNorm::LayerNorm(LayerNormOptions options) : options_(options) {
  if (options.shape.rank() == 0 || options.shape.numel() < 1) {
    throw ValueError("LayerNorm: shape is {}, but it needs at least one axis and no empty one.", {options.shape});
  }
  if (!(options.eps > 0)) throw ValueError("LayerNorm: eps is {}, but it must be above 0.", {options.eps});
  todo("03.5");
}

// 03.5 LayerNorm::forward  x (..., shape) -> same shape
// Hint: layer_norm.
Tensor LayerNorm::forward(const Tensor& x) {
  todo("03.5");
}

// 03.5 LayerNorm::members  lists "weight" and "bias"
// Hint: as Linear.
void LayerNorm::members(Members& m) {
  todo("03.5");
}

}  // namespace rushlight
