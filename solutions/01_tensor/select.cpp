// select.cpp: comparing and choosing, element by element, with broadcasting. Plain loops over rows.
#include "01_tensor/primitives.hpp"
#include "01_tensor/strided.hpp"
#include "01_tensor/todo.hpp"

#include <cmath>

namespace rushlight {
namespace {  // solution

// out[i] = function(a[i], b[i]) over the broadcast shape; Out is Array or Mask.
template <class Out, class Function>
Out zip_rows(const char* op, const Array& a, const Array& b, Function function) {
  const Shape shape = broadcast_shapes(op, a.shape(), b.shape());
  const std::array strides{strides_of(shape), broadcast_strides(a.shape(), shape), broadcast_strides(b.shape(), shape)};
  Out out(shape);
  auto* to = out.mutable_data().data();
  const std::int64_t length = row_length(shape);
  const std::int64_t step_a = row_step(strides[1]);
  const std::int64_t step_b = row_step(strides[2]);
  for_each_row(shape, strides, [&](const auto& start) {
    const Real* x = a.data().data() + start[1];
    const Real* y = b.data().data() + start[2];
    for (std::int64_t i = 0; i < length; ++i) to[start[0] + i] = function(x[i * step_a], y[i * step_b]);
  });
  return out;
}

}  // namespace

// 01.2 maximum  a, b (shapes that broadcast) -> the broadcast shape;  NaN if either is NaN
// Hint: `a > b ? a : b` loses a NaN in a. for_each_row in strided.hpp walks both operands.
Array maximum(const Array& a, const Array& b) {
  return zip_rows<Array>("maximum", a, b, [](Real x, Real y) { return x > y || std::isnan(x) ? x : y; });
}

// 01.2 minimum  as maximum
// Hint: as maximum.
Array minimum(const Array& a, const Array& b) {
  return zip_rows<Array>("minimum", a, b, [](Real x, Real y) { return x < y || std::isnan(x) ? x : y; });
}

// 01.2 greater  a, b (shapes that broadcast) -> Mask of the broadcast shape;  a > b, false where either is NaN
// Hint: the loop of maximum with another output.
Mask greater(const Array& a, const Array& b) {
  return zip_rows<Mask>("greater", a, b, [](Real x, Real y) { return x > y; });
}

// 01.2 less  as greater;  a < b
// Hint: as greater.
Mask less(const Array& a, const Array& b) {
  return zip_rows<Mask>("less", a, b, [](Real x, Real y) { return x < y; });
}

// 01.2 equal  as greater;  a == b, false where either is NaN
// Hint: as greater.
Mask equal(const Array& a, const Array& b) {
  return zip_rows<Mask>("equal", a, b, [](Real x, Real y) { return x == y; });
}

// 01.2 where  condition, a, b (shapes that broadcast) -> the broadcast shape;  condition ? a : b
// Hint: choose, do not multiply: 0 · NaN is NaN.
Array where(const Mask& condition, const Array& a, const Array& b) {
  const Shape shape = broadcast_shapes("where", condition.shape(), broadcast_shapes("where", a.shape(), b.shape()));
  const std::array strides{strides_of(shape), broadcast_strides(condition.shape(), shape),
                           broadcast_strides(a.shape(), shape), broadcast_strides(b.shape(), shape)};
  Array out(shape);
  Real* to = out.mutable_data().data();
  for_each_row(shape, strides, [&](const auto& start) {
    const std::uint8_t* choose = condition.data().data() + start[1];
    const Real* x = a.data().data() + start[2];
    const Real* y = b.data().data() + start[3];
    for (std::int64_t i = 0; i < row_length(shape); ++i) {
      to[start[0] + i] = choose[i * row_step(strides[1])] ? x[i * row_step(strides[2])] : y[i * row_step(strides[3])];
    }
  });
  return out;
}

}  // namespace rushlight
