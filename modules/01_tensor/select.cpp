// select.cpp: choosing between two Arrays, element by element, with broadcasting.
#include "01_tensor/plain.hpp"
#include "01_tensor/todo.hpp"
#include "01_tensor/views.hpp"

namespace rushlight::plain {

// 01.2 maximum  a, b (shapes that broadcast) -> the broadcast shape;  NaN if either is NaN
// Hint: xt::where(condition, x, y) with a condition that is also true where x is NaN: xt::isnan(x). (xt::maximum loses
// the NaN of one side.)
Array maximum(const Array& a, const Array& b) {
  todo("01.2");
}

// 01.2 minimum  as maximum
// Hint: as maximum.
Array minimum(const Array& a, const Array& b) {
  todo("01.2");
}

// 01.2 where  condition, a, b (shapes that broadcast) -> the broadcast shape;  condition ? a : b
// Choose, do not multiply: 0 · NaN is NaN.
// Hint: xt::where again. It wants booleans and the row of a Mask holds bytes: xt::cast<bool>(choose).
Array where(const Mask& condition, const Array& a, const Array& b) {
  todo("01.2");
}

}  // namespace rushlight::plain
