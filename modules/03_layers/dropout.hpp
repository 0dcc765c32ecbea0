// dropout.hpp: each number is zeroed with probability p in training, and the survivors are scaled up by 1/(1-p), so
// that the expected value stays and evaluation needs no correction ("inverted" dropout; Srivastava et al., 2014).
#pragma once

#include "03_layers/module.hpp"

namespace rushlight {

// --- 03.4 (dropout.cpp) ------------------------------------------------------------------------------------------

// 0 with probability p, otherwise 1/(1-p). Draws generator.uniform() once per element, in row-major order, and drops
// where the draw is below p. Throws ValueError unless 0 <= p < 1.
Array dropout_mask(const Shape& shape, double p, Generator& generator);

// x · mask as one op, "dropout". The mask is a constant: dx = G · mask. Throws ShapeError unless the shapes are equal.
Tensor apply_mask(const Tensor& x, const Array& mask);

struct DropoutOptions {
  double p = 0.5;  // the part that is dropped: 0 <= p < 1
};

// The layer keeps a random source of its own, seeded with one number from `seeds`: two layers draw different masks,
// and what one draws does not depend on the others. named_generators() finds it, so that a checkpoint can save it.
// In evaluation, and for p = 0, forward returns x itself and draws nothing. Throws ValueError unless 0 <= p < 1,
// before anything is drawn (PyTorch also allows p = 1, which zeroes everything; here 1/(1-p) must be a number).
class Dropout : public Module {
 public:
  Dropout(DropoutOptions options, Generator& seeds);
  Tensor forward(const Tensor& x) override;
  void members(Members& m) override;

  double p;
  Generator generator;
};

}  // namespace rushlight
