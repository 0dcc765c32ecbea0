// more.hpp: what users of PyTorch look for beside tensor.hpp. Given, and made of the ops there, whose derivatives they
// inherit; only pow of two tensors and cumsum record an op of their own. Names, argument order, defaults and semantics are
// PyTorch's. Every result is a new tensor; a NaN comes through.
//
// Differences from PyTorch:
//  - max_along and min_along are torch.max(x, dim) and torch.min(x, dim): max(x, {1}) is taken, by torch.amax.
//  - `axes` that are empty mean all axes, in flip as well (there, PyTorch flips none).
//  - A tensor of rank 0 has no axis 0 (PyTorch lets it pass for one of size 1).
//  - Nothing is a view.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "01_tensor/tensor.hpp"

namespace rushlight {

// --- elementwise (more_elementwise.cpp) -----------------------------------------------------------------------

// min(max(x, low), high); a bound may be std::nullopt, not both (ValueError). Where low > high everything is `high`. The
// gradient is all of it where low <= x <= high, the bounds included, and 0 elsewhere and at a NaN.
Tensor clamp(const Tensor& x, std::optional<Real> low, std::optional<Real> high = std::nullopt);

// `value` where the mask is 1, x elsewhere; they broadcast. Throws ShapeError when they do not.
Tensor masked_fill(const Tensor& x, const Mask& mask, Real value);

// base^exponent, as std::pow computes it; they broadcast (ShapeError). The base's gradient is 0 where the exponent is 0,
// the exponent's is 0 where the base is 0 and the exponent not negative; it is NaN where the base is negative.
Tensor pow(const Tensor& base, const Tensor& exponent);

// --- along axes (more_reduce.cpp) -----------------------------------------------------------------------------

Tensor amax(const Tensor& x, const Axes& axes = {}, bool keepdim = false);  // max of tensor.hpp, under its PyTorch name
Tensor amin(const Tensor& x, const Axes& axes = {}, bool keepdim = false);  // ties share; ShapeError over nothing

struct Extreme {
  Tensor values;
  Indices indices;  // of values' shape: the first of equal ones, and the first NaN if there is one
};

// x (..., N, ...) -> both without the axis, or with size 1. The chosen element receives all of the gradient. Throws
// IndexError for an axis that is not there, ShapeError over nothing.
Extreme max_along(const Tensor& x, int axis, bool keepdim = false);
Extreme min_along(const Tensor& x, int axis, bool keepdim = false);

struct VarOptions {
  double correction = 1;  // 1: Bessel's, for a sample; 0: of the whole population
  bool keepdim = false;
};

// Σ (x - mean)² / max(0, count - correction) over `axes` (all when empty). One number with correction 1 is NaN.
Tensor var(const Tensor& x, const Axes& axes = {}, const VarOptions& options = {});

// √var. Where it is 0 the gradient is 0, not infinite.
Tensor std(const Tensor& x, const Axes& axes = {}, const VarOptions& options = {});

// out[i] = x[0] + ... + x[i] along the axis, summed in double precision. Throws IndexError. Computed on the CPU.
Tensor cumsum(const Tensor& x, int axis);

// --- shapes and moves (more_movement.cpp) ---------------------------------------------------------------------

Tensor squeeze(const Tensor& x);                    // without any axis of size 1
Tensor squeeze(const Tensor& x, const Axes& axes);  // without those of `axes` that have size 1; empty: all. IndexError
Tensor unsqueeze(const Tensor& x, int axis);        // a new axis of size 1 there: -rank-1..rank, IndexError otherwise
Tensor select(const Tensor& x, int axis, std::int64_t index);  // x[..., index, ...], the axis goes. IndexError

// x repeated along axes of size 1 and new ones at the front; -1 keeps a size. Throws ShapeError, as for -1 in a new axis.
Tensor expand(const Tensor& x, const Shape& shape);

// The order along each axis turned round. Throws IndexError, and ShapeError for an axis that is named twice.
Tensor flip(const Tensor& x, const Axes& axes);

// Equal shapes side by side along a new axis: k of (M, N) -> (k, M, N). Throws ShapeError for none or unequal ones,
// IndexError for the axis.
Tensor stack(const Tensors& parts, int axis = 0);

// {left, right} of the last axis, then of the one before it, and so on; a negative number cuts off. Throws ShapeError for
// an odd count, more axes than there are, or a cut beyond what is there.
Tensor pad(const Tensor& x, const std::vector<std::int64_t>& sizes, Real value = 0);

// (..., M, N): what lies above (below) the diagonal becomes 0, chosen and not multiplied. `diagonal` moves it: 1 is one to
// the right of the main one. Throws ShapeError below rank 2.
Tensor tril(const Tensor& x, std::int64_t diagonal = 0);
Tensor triu(const Tensor& x, std::int64_t diagonal = 0);

}  // namespace rushlight
