// clip.hpp: gradients that are too large are cut down between backward() and step(). As torch.nn.utils.clip_grad_norm_
// and clip_grad_value_. Both give a parameter a new gradient array where it changes and never write into the old one:
// the rule of an add hands one array to both of its inputs, and scaling it in place would scale it twice.
#pragma once

#include "01_tensor/kernel_slot.hpp"
#include "01_tensor/tensor.hpp"

namespace rushlight {

struct ClipOptions {
  bool error_if_nonfinite = false;  // as in PyTorch; true: ValueError that says which parameter broke the norm
};

// --- 07.1 (clip.cpp) --------------------------------------------------------------------------------------------

// Σ x² over all elements, in double precision.
double plain_sum_of_squares(const Array& x);

struct SumOfSquaresKernel {
  double (*forward)(const Array& x) = nullptr;
};
inline KernelSlot<SumOfSquaresKernel> sum_of_squares_slot;

// The same, by an installed kernel where there is one; 0 for an undefined array. Given.
inline double sum_of_squares(const Array& x) {
  return x.defined() ? sum_of_squares_slot.get(x.device(), {plain_sum_of_squares}).forward(x) : 0;
}

// The length of all gradients together, as if they were one long vector: √(Σ g²), summed in double precision.
// Parameters without gradient do not count; of none at all it is 0.
double grad_norm(const Tensors& parameters);

// Multiplies every gradient by min(1, max_norm / (norm + 1e-6)) and returns the norm from before. Where that is 1,
// nothing is touched: no array, no bit. A norm that is NaN or infinite leaves the gradients as they are and is returned
// (PyTorch multiplies them by NaN or 0): look at it, or ask for an error. Throws ValueError unless max_norm > 0.
double clip_grad_norm(const Tensors& parameters, double max_norm, const ClipOptions& options = {});

// Cuts every element to [-limit, limit]; a NaN stays. Throws ValueError unless limit > 0.
void clip_grad_value(const Tensors& parameters, double limit);

}  // namespace rushlight
