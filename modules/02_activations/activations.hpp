// activations.hpp: the functions that stand between two linear layers, each with its derivative. Names, defaults and
// semantics are PyTorch's (torch.nn.functional). All of them take any shape and return that shape, leave x alone, let
// a NaN through, and do nothing to an empty tensor.
//
// Differences from PyTorch: no in-place variants, no dtype argument, and softmax of a rank-0 tensor is an error.
#pragma once

#include <cstdint>

#include "01_tensor/kernel_slot.hpp"
#include "01_tensor/tensor.hpp"

namespace rushlight {

// --- 02.1 rectifiers (elementwise.cpp) ------------------------------------------------------------------------

// max(x, 0). At 0 the derivative is 0, as in PyTorch.
Tensor relu(const Tensor& x);

// x where x > 0, slope · x elsewhere. At 0 the derivative is `slope`, as in PyTorch; at NaN it is 1, as relu's.
Tensor leaky_relu(const Tensor& x, Real slope = 0.01);

// --- 02.2 squashers (elementwise.cpp) -------------------------------------------------------------------------

// 1 / (1 + exp(-x)), in (0, 1). Nothing overflows, however large |x| is; -inf gives 0 and +inf gives 1.
Tensor sigmoid(const Tensor& x);

// (eˣ - e⁻ˣ) / (eˣ + e⁻ˣ), in (-1, 1). It is 2·sigmoid(2x) - 1, but keeps all digits near 0, which that formula
// loses.
Tensor tanh(const Tensor& x);

// --- 02.3 gelu (gelu.cpp) -------------------------------------------------------------------------------------

// Hendrycks and Gimpel, 2016. `none` is the exact function, `tanh` the approximation that GPT-2 was trained with.
//   none:  x · Φ(x) = x/2 · (1 + erf(x / √2))
//   tanh:  x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³)))
enum class GeluApproximation : std::uint8_t { none, tanh };

// At -inf both are NaN (-inf · 0), and at ±inf both derivatives, as in PyTorch; those of finite x are finite (PyTorch's
// approximation is NaN from 1.8e19 on, where x² overflows).
Tensor gelu(const Tensor& x, GeluApproximation approximation = GeluApproximation::none);

// What gelu() calls when no faster kernel is installed. All three Arrays have x's shape.
Array gelu_forward(const Array& x, GeluApproximation approximation);
Array gelu_backward(const Array& grad, const Array& x, GeluApproximation approximation);  // dL/dx from dL/dy

// A pair: the rule calls the backward of the pair whose forward was called, whatever the slot holds by then.
struct GeluKernel {
  Array (*forward)(const Array& x, GeluApproximation approximation) = nullptr;
  Array (*backward)(const Array& grad, const Array& x, GeluApproximation approximation) = nullptr;
};
inline KernelSlot<GeluKernel> gelu_slot;

// --- 02.4 silu (elementwise.cpp) ------------------------------------------------------------------------------

// x · sigmoid(x), also called swish. At -inf it is NaN (-inf · 0), and at ±inf its derivative, as in PyTorch.
Tensor silu(const Tensor& x);

// --- 02.5 softmax (softmax.cpp) -------------------------------------------------------------------------------

// exp(x) / Σ exp(x), the sum over `axis` (negative counts from the end): probabilities that add up to 1 along it.
// Finite for all finite x. A line along the axis that is -inf from end to end is NaN, as in PyTorch, and so is a line
// that holds a NaN or a +inf. Throws IndexError that names the axis when it is outside -rank..rank-1.
Tensor softmax(const Tensor& x, int axis = -1);

// What softmax() calls when no faster kernel is installed; `axis` is already in 0..rank-1. backward: dL/dx from dL/dy
// and y, the output of forward.
Array softmax_forward(const Array& x, int axis);
Array softmax_backward(const Array& grad, const Array& y, int axis);

// A pair, as gelu's.
struct SoftmaxKernel {
  Array (*forward)(const Array& x, int axis) = nullptr;
  Array (*backward)(const Array& grad, const Array& y, int axis) = nullptr;
};
inline KernelSlot<SoftmaxKernel> softmax_slot;

// --- 02.6 log_softmax (softmax.cpp) ---------------------------------------------------------------------------

// log(softmax(x)) along `axis`, without the log of a number that was rounded to 0: finite for all finite x that
// lie no further apart than a Real reaches. NaN as for softmax. Throws IndexError as softmax does.
Tensor log_softmax(const Tensor& x, int axis = -1);

}  // namespace rushlight
