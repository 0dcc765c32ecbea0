// select.cpp: choosing between two Arrays, element by element, with broadcasting.
#include "01_tensor/plain.hpp"
#include "01_tensor/todo.hpp"
#include "01_tensor/views.hpp"

namespace rushlight::plain {

// 01.2 maximum  a, b (shapes that broadcast) -> the broadcast shape;  NaN if either is NaN
// Hint: xt::where(condition, x, y) with a condition that is also true where x is NaN: xt::isnan(x). (xt::maximum loses
// the NaN of one side.)
Array maximum(const Array& a, const Array& b) {
  Array out(broadcast_shapes("maximum", a.shape(), b.shape()));
  zip_rows(
      out, [](auto to, auto x, auto y) { xt::noalias(to) = xt::where(x > y || xt::isnan(x), x, y); }, a, b);
  return out;
}

// 01.2 minimum  as maximum
// Hint: as maximum.
Array minimum(const Array& a, const Array& b) {
  Array out(broadcast_shapes("minimum", a.shape(), b.shape()));
  zip_rows(
      out, [](auto to, auto x, auto y) { xt::noalias(to) = xt::where(x < y || xt::isnan(x), x, y); }, a, b);
  return out;
}

// 01.2 where  condition, a, b (shapes that broadcast) -> the broadcast shape;  condition ? a : b
// Choose, do not multiply: 0 · NaN is NaN.
// Hint: xt::where again. It wants booleans and the row of a Mask holds bytes: xt::cast<bool>(choose).
Array where(const Mask& condition, const Array& a, const Array& b) {
  const Shape shape = broadcast_shapes("where", a.shape(), b.shape());
  Array out(broadcast_shapes("where", condition.shape(), shape));
  zip_rows(
      out, [](auto to, auto choose, auto x, auto y) { xt::noalias(to) = xt::where(xt::cast<bool>(choose), x, y); },
      condition, a, b);
  return out;
}

}  // namespace rushlight::plain
