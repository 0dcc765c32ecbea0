// linear.hpp: y = x·Wᵀ + b, as a function and as the layer that owns W and b. As torch.nn.functional.linear and
// torch.nn.Linear: the same layout of W, the same defaults, the same initial distribution.
// Letters: I inputs, O outputs, ... any leading axes, rows = their product.
#pragma once

#include <cstdint>

#include "03_layers/module.hpp"

namespace rushlight {

// --- 03.2 (linear.cpp) -------------------------------------------------------------------------------------------

// x (..., I), weight (O, I), bias (O) or an empty Tensor -> (..., O). One op, "linear", with one derivative:
//   dx = G·W,  dW = Gᵀ·x and db = Σ G over all leading axes (rows).
// Leading axes may be absent (x of rank 1) or empty. Throws ShapeError that names the shapes and the rule.
Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias = {});

// --- 03.3 (linear.cpp) -------------------------------------------------------------------------------------------

struct LinearOptions {
  std::int64_t in = 0;   // features of x; at least 1
  std::int64_t out = 0;  // features of y; at least 1
  bool bias = true;
};

// Parameters: weight (out, in), bias (out). Both start as U(-1/√in, 1/√in), drawn from `generator`, weight first:
// what torch.nn.Linear's kaiming_uniform_(weight, a=√5) comes to. Throws ValueError when in or out is below 1
// (PyTorch allows 0 with a warning).
class Linear : public Module {
 public:
  Linear(LinearOptions options, Generator& generator);
  Tensor forward(const Tensor& x) override;
  void members(Members& m) override;

  Tensor weight;
  Tensor bias;  // empty when options.bias is false
};

}  // namespace rushlight
