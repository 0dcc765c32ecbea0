// rotary.cpp: positions as rotations. A rotation keeps lengths, and two rotations in a product leave their difference.
#include <cmath>
#include <vector>

#include "01_tensor/todo.hpp"
#include "11_embeddings/embeddings.hpp"

namespace rushlight {
namespace {  // solution

// cos and sin of every angle t / base^(2i/K), (T, K/2) each. In double: a large angle has few digits left in float.
struct Angles {
  std::vector<Real> cosines, sines;
};

Angles angles_of(std::int64_t count, std::int64_t pairs, const RotaryOptions& options) {
  std::vector<double> frequencies;
  for (std::int64_t i = 0; i < pairs; ++i) {
    frequencies.push_back(std::pow(options.base, -static_cast<double>(i) / static_cast<double>(pairs)));
  }
  Angles angles;
  for (std::int64_t t = 0; t < count; ++t) {
    for (const double frequency : frequencies) {
      const double angle = static_cast<double>(options.start + t) * frequency;
      angles.cosines.push_back(static_cast<Real>(std::cos(angle)));
      angles.sines.push_back(static_cast<Real>(std::sin(angle)));
    }
  }
  return angles;
}

// Turns every pair by its angle; direction -1 turns back.
Array rotate(const Array& x, const RotaryOptions& options, Real direction) {
  const std::int64_t pairs_a_row = x.dim(-1) / 2;
  const Angles angles = angles_of(x.dim(-2), pairs_a_row, options);
  const std::int64_t pairs = x.dim(-2) * pairs_a_row;  // of one (T, K) matrix; all matrices turn alike
  const std::int64_t matrices = pairs == 0 ? 0 : x.size() / (2 * pairs);
  Array out(x.shape());
  const Real* from = x.data().data();
  Real* to = out.mutable_data().data();
  for (std::int64_t matrix = 0; matrix < matrices; ++matrix) {
    const Real* cosines = angles.cosines.data();
    const Real* sines = angles.sines.data();
    for (std::int64_t i = 0; i < pairs; ++i, from += 2, to += 2) {
      const Real cosine = cosines[i], sine = direction * sines[i];
      to[0] = from[0] * cosine - from[1] * sine;
      to[1] = from[0] * sine + from[1] * cosine;
    }
  }
  return out;
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
