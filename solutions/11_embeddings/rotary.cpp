// rotary.cpp: positions as rotations. A rotation keeps lengths, and two rotations in a product leave their difference.
#include <cmath>
#include <vector>

#include "01_tensor/todo.hpp"
#include "11_embeddings/embeddings.hpp"

namespace rushlight {
namespace {  // solution

// cos and sin of every angle t / base^(2i/K), (T, K/2) each. In double: a large angle has few digits left in float.
struct Angles {
  Array cosines, sines;
};

Angles angles_of(std::int64_t count, std::int64_t pairs, const RotaryOptions& options) {
  std::vector<Real> cosines, sines;
  for (std::int64_t t = 0; t < count; ++t) {
    for (std::int64_t i = 0; i < pairs; ++i) {
      const double frequency = std::pow(options.base, -static_cast<double>(i) / static_cast<double>(pairs));
      const double angle = static_cast<double>(options.start + t) * frequency;
      cosines.push_back(static_cast<Real>(std::cos(angle)));
      sines.push_back(static_cast<Real>(std::sin(angle)));
    }
  }
  return {Array({count, pairs}, cosines), Array({count, pairs}, sines)};
}

Array as_column(const Array& x) {
  Shape shape = x.shape();
  shape.push_back(1);
  return x.with_shape(shape);
}

// Turns every pair by its angle; direction -1 turns back. All (T, K) matrices turn alike: the angles broadcast.
Array rotate(const Array& x, const RotaryOptions& options, Real direction) {
  const Angles angles = angles_of(x.dim(-2), x.dim(-1) / 2, options);
  const Array cosine = angles.cosines.to(x.device()), sine = direction * angles.sines.to(x.device());
  const Array first = slice(x, -1, {.start = 0, .step = 2}), second = slice(x, -1, {.start = 1, .step = 2});
  const Array turned_first = first * cosine - second * sine, turned_second = first * sine + second * cosine;
  return concat(Arrays{as_column(turned_first), as_column(turned_second)}, -1).with_shape(x.shape());
}

}  // namespace

// 11.5 rotary  x (..., T, K) -> same shape;  (x[2i], x[2i+1]) turned by θ = (start + t) / base^(2i/K):
//   y[2i] = x[2i]·cos θ - x[2i+1]·sin θ,   y[2i+1] = x[2i]·sin θ + x[2i+1]·cos θ
// Throws ShapeError when x has rank below 2 or K is odd, ValueError when base is not above 0.
// Hint: compute the angles in double, once for all leading axes. The transpose of a rotation is the rotation by the
// opposite angle: that is the whole derivative.
Tensor rotary(const Tensor& x, RotaryOptions options) {
  if (x.rank() < 2 || x.dim(-1) % 2 != 0) {
    throw ShapeError("rotary: x is {}, but it must be (..., positions, width) with an even width.", {x.shape()});
  }
  if (!(options.base > 0)) {  // written so that NaN fails too
    throw ValueError("rotary: base is {}, but it must be above 0.", {options.base});
  }
  return record("rotary", rotate(x.value(), options, 1), {x}, Save::nothing,
                [options](const Backward& bw) -> Arrays { return {rotate(bw.grad, options, -1)}; });
}

}  // namespace rushlight
