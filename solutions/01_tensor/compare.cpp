// compare.cpp: what is greater, less or equal, element by element, with broadcasting. A Mask holds bytes: 1 is true.
#include "01_tensor/plain.hpp"
#include "01_tensor/todo.hpp"
#include "01_tensor/views.hpp"

namespace rushlight::plain {

// 01.2 greater  a, b (shapes that broadcast) -> Mask of the broadcast shape;  a > b, false where either is NaN
// Hint: as add, with x > y; a row of a Mask takes it.
Mask greater(const Array& a, const Array& b) {
  Mask out(broadcast_shapes("greater", a.shape(), b.shape()));
  zip_rows(
      out, [](auto to, auto x, auto y) { xt::noalias(to) = x > y; }, a, b);
  return out;
}

// 01.2 less  as greater;  a < b
// Hint: as greater.
Mask less(const Array& a, const Array& b) {
  Mask out(broadcast_shapes("less", a.shape(), b.shape()));
  zip_rows(
      out, [](auto to, auto x, auto y) { xt::noalias(to) = x < y; }, a, b);
  return out;
}

// 01.2 equal  as greater;  a == b, false where either is NaN
// Hint: x == y asks whether two whole rows are the same; xt::equal(x, y) asks for each element.
Mask equal(const Array& a, const Array& b) {
  Mask out(broadcast_shapes("equal", a.shape(), b.shape()));
  zip_rows(
      out, [](auto to, auto x, auto y) { xt::noalias(to) = xt::equal(x, y); }, a, b);
  return out;
}

}  // namespace rushlight::plain
