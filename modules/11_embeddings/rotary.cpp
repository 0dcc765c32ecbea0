// rotary.cpp: positions as rotations. A rotation keeps lengths, and two rotations in a product leave their difference.
#include <cmath>
#include <vector>

#include "01_tensor/todo.hpp"
#include "11_embeddings/embeddings.hpp"

namespace rushlight {

// 11.5 rotary  x (..., T, K) -> same shape;  (x[2i], x[2i+1]) turned by θ = (start + t) / base^(2i/K):
//   y[2i] = x[2i]·cos θ - x[2i+1]·sin θ,   y[2i+1] = x[2i]·sin θ + x[2i+1]·cos θ
// Throws ShapeError when x has rank below 2 or K is odd, ValueError when base is not above 0.
// Hint: compute the angles in double, once for all leading axes. The transpose of a rotation is the rotation by the
// opposite angle: that is the whole derivative.
Tensor rotary(const Tensor& x, RotaryOptions options) {
  todo("11.5");
}

}  // namespace rushlight
