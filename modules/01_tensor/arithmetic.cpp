// arithmetic.cpp: + - * / on Arrays, with broadcasting, row by row.
#include "01_tensor/primitives.hpp"
#include "01_tensor/strided.hpp"
#include "01_tensor/todo.hpp"

#include <algorithm>

namespace rushlight {

// 01.2 add  a, b (shapes that broadcast) -> the broadcast shape;  a + b
// Hint: make `out` with broadcast_shapes and walk the rows of both operands with for_each_row. (Shorter: with
// xtensor_bridge.hpp,  xt::noalias(mutable_view(out)) = view(a) + view(b);  but slow where an operand repeats in a
// row.)
Array add(const Array& a, const Array& b) {
  todo("01.2");
}

// 01.2 sub  as add;  a - b
// Hint: the four functions differ in one character: write the rest once.
Array sub(const Array& a, const Array& b) {
  todo("01.2");
}

// 01.2 mul  as add;  a · b, element by element
// Hint: this is not the matrix product.
Array mul(const Array& a, const Array& b) {
  todo("01.2");
}

// 01.2 div  as add;  a / b, and IEEE decides what division by zero gives
// Hint: no checks: 1/0 is inf and 0/0 is NaN, as in PyTorch.
Array div(const Array& a, const Array& b) {
  todo("01.2");
}

}  // namespace rushlight
