// primitives.hpp: functions from Arrays to Arrays. Local derivatives, layers and optimizers are written in these and
// in nothing else. None of them records a graph (tensor.hpp does) and none changes its arguments.
#pragma once

#include "01_tensor/array.hpp"

namespace rushlight {

// --- 01.2 elementwise, with broadcasting (arithmetic.cpp, math.cpp, transcendental.cpp, compare.cpp, select.cpp)

Array add(const Array& a, const Array& b);
Array sub(const Array& a, const Array& b);
Array mul(const Array& a, const Array& b);
Array div(const Array& a, const Array& b);

Array neg(const Array& x);
Array exp(const Array& x);
Array log(const Array& x);
Array sqrt(const Array& x);
Array tanh(const Array& x);
Array erf(const Array& x);
Array abs(const Array& x);
Array pow(const Array& x, Real exponent);

// NaN in either operand gives NaN, as in torch.maximum.
Array maximum(const Array& a, const Array& b);
Array minimum(const Array& a, const Array& b);

Mask greater(const Array& a, const Array& b);
Mask less(const Array& a, const Array& b);
Mask equal(const Array& a, const Array& b);
// condition ? a : b, all three broadcast. It selects: a NaN that is not chosen does not leak.
Array where(const Mask& condition, const Array& a, const Array& b);

inline Array operator+(const Array& a, const Array& b) { return add(a, b); }
inline Array operator-(const Array& a, const Array& b) { return sub(a, b); }
inline Array operator*(const Array& a, const Array& b) { return mul(a, b); }
inline Array operator/(const Array& a, const Array& b) { return div(a, b); }
inline Array operator+(const Array& a, Real b) { return add(a, Array::scalar(b)); }
inline Array operator-(const Array& a, Real b) { return sub(a, Array::scalar(b)); }
inline Array operator*(const Array& a, Real b) { return mul(a, Array::scalar(b)); }
inline Array operator/(const Array& a, Real b) { return div(a, Array::scalar(b)); }
inline Array operator+(Real a, const Array& b) { return add(Array::scalar(a), b); }
inline Array operator-(Real a, const Array& b) { return sub(Array::scalar(a), b); }
inline Array operator*(Real a, const Array& b) { return mul(Array::scalar(a), b); }
inline Array operator/(Real a, const Array& b) { return div(Array::scalar(a), b); }
inline Array operator-(const Array& x) { return neg(x); }

// --- 01.3 reductions (reduce.cpp) ---------------------------------------------------------------------------

// Over `axes` (all when empty). A sum over nothing is 0, a mean over nothing is NaN, a max over nothing throws
// ShapeError.
Array sum(const Array& x, const Axes& axes = {}, bool keepdim = false);
Array mean(const Array& x, const Axes& axes = {}, bool keepdim = false);
Array max(const Array& x, const Axes& axes = {}, bool keepdim = false);  // NaN wins, as in torch.amax
// The first NaN or, where there is none, the first of equal maxima. The axis goes. Throws ShapeError when it is empty,
// IndexError for a scalar.
Indices argmax(const Array& x, int axis = -1);

// Un-broadcasting: sums x down to `shape`, which must broadcast to x's shape. The adjoint of broadcast_to.
// Where the shapes agree already, the result shares x's buffer.
Array sum_to(const Array& x, const Shape& shape);

// --- 01.4 matrix product (matmul.cpp) -----------------------------------------------------------------------

struct MatmulFlags {
  bool transpose_a = false;
  bool transpose_b = false;
};

// (..., M, K) x (..., K, N) -> (..., M, N). Leading axes broadcast. With a flag, that operand's last two axes are
// read as swapped, and nothing is copied. Rank 1 works as in torch.matmul: (K) x (K) -> (), (K) x (K, N) -> (N),
// (M, K) x (K) -> (M).
Array matmul(const Array& a, const Array& b, MatmulFlags flags = {});

// --- 01.5 moving axes (movement.cpp) ------------------------------------------------------------------------

Array reshape(const Array& x, const Shape& shape);        // one size may be -1; shares the buffer
Array permute(const Array& x, const Axes& axes);          // axis i of the result is axis axes[i] of x
Array transpose(const Array& x, int axis_a, int axis_b);  // a permute that swaps two axes
Array broadcast_to(const Array& x, const Shape& shape);   // materialised
Array concat(const Arrays& parts, int axis);              // other axes must agree; rank >= 1

// --- 01.6 reading and writing parts (indexing.cpp) ----------------------------------------------------------

constexpr std::int64_t slice_end = INT64_MAX;

// start:stop:step along one axis, as in Python: negative bounds count from the end, bounds are clamped, step >= 1.
struct Slice {
  std::int64_t start = 0;
  std::int64_t stop = slice_end;
  std::int64_t step = 1;
};

Array slice(const Array& x, int axis, Slice range);
// The adjoint of slice: zeros of `shape` with x written at the places that slice(…) read.
Array unslice(const Array& x, const Shape& shape, int axis, Slice range);

// Rows of axis 0: table (V, ...), ids (any shape) -> ids.shape + (...). Throws IndexError that names the id.
Array take(const Array& table, const Indices& ids);
// The adjoint of take: zeros of `shape` to which x's rows are added at ids; repeated ids accumulate.
Array take_adjoint(const Array& x, const Shape& shape, const Indices& ids);

// out[i][j] = x[i][index[i][j]] along `axis`: ranks agree, and so do the other axes. As torch.gather.
Array gather(const Array& x, int axis, const Indices& index);
// The adjoint of gather: zeros of `shape` to which x is added at index; repeated places accumulate.
Array gather_adjoint(const Array& x, const Shape& shape, int axis, const Indices& index);

}  // namespace rushlight
