// layer_norm.hpp: every row is shifted to mean 0 and scaled to variance 1, then given a learned scale and shift (Ba,
// Kiros and Hinton, 2016). As torch.nn.LayerNorm: biased variance, eps inside the root.
// Letters: R rows, D numbers in a row.
#pragma once

#include "01_tensor/kernel_slot.hpp"
#include "03_layers/module.hpp"

namespace rushlight {

// --- 03.5 (layer_norm.cpp) ---------------------------------------------------------------------------------------

// What the forward pass computes: y (R, D), and per row the two numbers that the backward pass needs again.
struct LayerNormForward {
  Array y;
  Array mean;  // (R, 1)
  Array rstd;  // (R, 1): 1/√(variance + eps)
};

// A forward/backward pair over Arrays. x and grad are (R, D); weight and bias are (D) or undefined (no affine part).
struct LayerNormKernel {
  LayerNormForward (*forward)(const Array& x, const Array& weight, const Array& bias, Real eps) = nullptr;
  // dL/dx, (R, D)
  Array (*backward_x)(const Array& grad, const Array& x, const Array& weight, const Array& row_mean,
                      const Array& rstd) = nullptr;
  // dL/dweight and dL/dbias, (D) each
  Arrays (*backward_affine)(const Array& grad, const Array& x, const Array& row_mean, const Array& rstd) = nullptr;
};
inline KernelSlot<LayerNormKernel> layer_norm_slot;

// The composed pair, in primitives. With x̂ = (x - row_mean)·rstd and h = grad·weight:
//   y = x̂·weight + bias, exactly bias for a row of equal numbers
//   dx = rstd·(h - mean(h) - x̂·mean(h·x̂)), the means taken along each row
//   dweight = Σ grad·x̂, dbias = Σ grad, summed over rows
LayerNormForward composed_layer_norm(const Array& x, const Array& weight, const Array& bias, Real eps);
Array composed_layer_norm_backward_x(const Array& grad, const Array& x, const Array& weight, const Array& row_mean,
                                     const Array& rstd);
Arrays composed_layer_norm_backward_affine(const Array& grad, const Array& x, const Array& row_mean, const Array& rstd);

// x (..., shape) -> same shape, normalised over its last shape.rank() axes; one op, "layer_norm". weight and bias have
// `shape`, or both are empty. Throws ShapeError when x does not end in `shape` or the parameters do not have it,
// ValueError when only one of them is there.
Tensor layer_norm(const Tensor& x, const Shape& shape, const Tensor& weight = {}, const Tensor& bias = {},
                  double eps = 1e-5);

struct LayerNormOptions {
  Shape shape;         // of the trailing axes to normalise over, at least one axis: {256}
  double eps = 1e-5;   // keeps a constant row finite; greater than 0
  bool affine = true;  // whether weight and bias exist
};

// Parameters: weight (shape), ones; bias (shape), zeros. Behaves the same in training and evaluation. Throws ValueError
// when the shape is () or has a size below 1, or when eps is not above 0.
class LayerNorm : public Module {
 public:
  explicit LayerNorm(LayerNormOptions options);
  Tensor forward(const Tensor& x) override;
  void members(Members& m) override;

  Tensor weight;
  Tensor bias;

 protected:
  const LayerNormOptions& options() const { return options_; }

 private:
  LayerNormOptions options_;
};

}  // namespace rushlight
