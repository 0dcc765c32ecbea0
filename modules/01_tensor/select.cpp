// select.cpp: comparing and choosing, element by element, with broadcasting. Plain loops over rows.
#include "01_tensor/primitives.hpp"
#include "01_tensor/strided.hpp"
#include "01_tensor/todo.hpp"

#include <cmath>

namespace rushlight {

// 01.2 maximum  a, b (shapes that broadcast) -> the broadcast shape;  NaN if either is NaN
// Hint: `a > b ? a : b` loses a NaN in a. for_each_row in strided.hpp walks both operands.
Array maximum(const Array& a, const Array& b) {
  todo("01.2");
}

// 01.2 minimum  as maximum
// Hint: as maximum.
Array minimum(const Array& a, const Array& b) {
  todo("01.2");
}

// 01.2 greater  a, b (shapes that broadcast) -> Mask of the broadcast shape;  a > b, false where either is NaN
// Hint: the loop of maximum with another output.
Mask greater(const Array& a, const Array& b) {
  todo("01.2");
}

// 01.2 less  as greater;  a < b
// Hint: as greater.
Mask less(const Array& a, const Array& b) {
  todo("01.2");
}

// 01.2 equal  as greater;  a == b, false where either is NaN
// Hint: as greater.
Mask equal(const Array& a, const Array& b) {
  todo("01.2");
}

// 01.2 where  condition, a, b (shapes that broadcast) -> the broadcast shape;  condition ? a : b
// Hint: choose, do not multiply: 0 · NaN is NaN.
Array where(const Mask& condition, const Array& a, const Array& b) {
  todo("01.2");
}

}  // namespace rushlight
