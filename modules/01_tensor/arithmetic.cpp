// arithmetic.cpp: + - * / on Arrays, with broadcasting: an xtensor expression each.
#include "01_tensor/plain.hpp"
#include "01_tensor/todo.hpp"
#include "01_tensor/views.hpp"

namespace rushlight::plain {

// 01.2 add  a, b (shapes that broadcast) -> the broadcast shape;  a + b
// Hint: make `out` with broadcast_shapes; zip_rows hands you rows of it and of both operands, and x + y adds two rows.
Array add(const Array& a, const Array& b) {
  todo("01.2");
}

// 01.2 sub  as add;  a - b
// Hint: the four functions differ in a name and a character.
Array sub(const Array& a, const Array& b) {
  todo("01.2");
}

// 01.2 mul  as add;  a · b, element by element
// Hint: this is not the matrix product.
Array mul(const Array& a, const Array& b) {
  todo("01.2");
}

// 01.2 div  as add;  a / b, rounded once, and IEEE decides what division by zero gives
// Hint: no checks: 1/0 is inf and 0/0 is NaN, as in PyTorch.
Array div(const Array& a, const Array& b) {
  todo("01.2");
}

}  // namespace rushlight::plain
