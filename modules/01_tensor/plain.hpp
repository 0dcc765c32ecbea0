// plain.hpp: the primitives on the CPU, as you write them in 01.2 to 01.6. Nobody calls these directly: add(a, b) of
// primitives.hpp looks up who computes on the device of a and b (device.hpp), and on the CPU that is plain::add until
// module 18 installs something faster. What each function promises stands in primitives.hpp.
// In the body of one, `x * x` and `plain::sum(x, …)` may be used; a bare `sum(x, …)` could mean both, says the compiler.
#pragma once

#include "01_tensor/primitives.hpp"

namespace rushlight::plain {

// --- 01.2 (arithmetic.cpp, math.cpp, transcendental.cpp, compare.cpp, select.cpp)

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
Array maximum(const Array& a, const Array& b);
Array minimum(const Array& a, const Array& b);
Mask greater(const Array& a, const Array& b);
Mask less(const Array& a, const Array& b);
Mask equal(const Array& a, const Array& b);
Array where(const Mask& condition, const Array& a, const Array& b);

// --- 01.3 (reduce.cpp)

Array sum(const Array& x, const Axes& axes, bool keepdim);
Array mean(const Array& x, const Axes& axes, bool keepdim);
Array max(const Array& x, const Axes& axes, bool keepdim);
Indices argmax(const Array& x, int axis);

// --- 01.4 (matmul.cpp)

Array matmul(const Array& a, const Array& b, MatmulFlags flags);

// --- 01.5 (movement.cpp)

Array permute(const Array& x, const Axes& axes);
Array broadcast_to(const Array& x, const Shape& shape);
Array concat(const Arrays& parts, int axis);

// --- 01.6 (indexing.cpp)

Array slice(const Array& x, int axis, Slice range);
Array unslice(const Array& x, const Shape& shape, int axis, Slice range);
Array take(const Array& table, const Indices& ids);
Array take_adjoint(const Array& x, const Shape& shape, const Indices& ids);
Array gather(const Array& x, int axis, const Indices& index);
Array gather_adjoint(const Array& x, const Shape& shape, int axis, const Indices& index);

}  // namespace rushlight::plain
