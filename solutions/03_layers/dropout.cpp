// dropout.cpp: inverted dropout. The mask is drawn once in the forward pass and used again, unchanged, in the backward.
#include "03_layers/dropout.hpp"

#include "01_tensor/todo.hpp"

namespace rushlight {
namespace {

void check_probability(double p) {
  if (!(p >= 0 && p < 1)) {  // written so that NaN fails too
    throw ValueError("Dropout: p is {}, but it must be at least 0 and below 1.", {p});
  }
}

}  // namespace

// 03.4 dropout_mask  shape -> that shape;  0 with probability p, else 1/(1-p)
// Hint: one generator.uniform() per element, in order; the element is dropped where the draw is below p.
Array dropout_mask(const Shape& shape, double p, Generator& generator) {
  check_probability(p);
  // solution 03.4
  const auto kept = static_cast<Real>(1 / (1 - p));
  Array mask(shape);
  for (Real& value : mask.mutable_data()) value = generator.uniform() < p ? 0 : kept;
  return mask;
  // end solution
}

// 03.4 apply_mask  x (any shape), mask (same shape) -> same shape, one op called "dropout";  y = x·m, dx = G·m
// Hint: record, capturing the mask; neither input nor output needs to be saved. An Array made by hand and wrapped in a
// new Tensor would have no graph: everything upstream would stop learning, and the loss might still go down.
Tensor apply_mask(const Tensor& x, const Array& mask) {
  if (mask.shape() != x.shape()) {
    throw ShapeError("dropout: the mask is {} but x is {}: they must agree.", {mask.shape(), x.shape()});
  }
  // solution 03.4
  const Array there = mask.to(x.device());  // drawn on the CPU: the same numbers everywhere
  return record("dropout", x.value() * there, {x}, Save::nothing,
                [there](const Backward& bw) -> Arrays { return {bw.grad * there}; });
  // end solution
}

// 03.4 Dropout  checks p, then seeds `generator` with one number from `seeds`
// Hint: check_probability, then generator = Generator(...). Whoever catches the error finds `seeds` as it was.
Dropout::Dropout(DropoutOptions options, Generator& seeds) : p(options.p) {
  check_probability(p);
  generator = Generator(seeds.next());
}

// 03.4 Dropout::forward  x (any shape) -> same shape;  a fresh mask each time in training, x itself otherwise
// Hint: training(). When nothing is dropped, nothing is drawn either.
Tensor Dropout::forward(const Tensor& x) {
  if (!training() || p == 0) return x;
  return apply_mask(x, dropout_mask(x.shape(), p, generator));
}

// 03.4 Dropout::members  lists "generator"
// Hint: m("generator", generator); module 07 saves its state, so that a resumed run draws the masks it would have
// drawn.
void Dropout::members(Members& m) { m("generator", generator); }

}  // namespace rushlight
