// arithmetic.cpp: + - * / on Arrays, with broadcasting, row by row.
#include "01_tensor/primitives.hpp"
#include "01_tensor/strided.hpp"
#include "01_tensor/todo.hpp"

#include <algorithm>

namespace rushlight {
namespace {  // solution

// One row of the result. An operand moves along with it (step 1) or repeats (step 0): a loop for each, so that the
// compiler sees constant steps and adds several numbers at once.
template <class Function>
void zip_row(Real* out, std::int64_t length, const Real* a, bool a_moves, const Real* b, bool b_moves, Function f) {
  if (a_moves && b_moves) {
    for (std::int64_t i = 0; i < length; ++i) out[i] = f(a[i], b[i]);
  } else if (a_moves) {
    for (std::int64_t i = 0; i < length; ++i) out[i] = f(a[i], *b);
  } else if (b_moves) {
    for (std::int64_t i = 0; i < length; ++i) out[i] = f(*a, b[i]);
  } else {
    std::fill_n(out, length, f(*a, *b));
  }
}

template <class Function>
Array zip(const char* op, const Array& a, const Array& b, Function f) {
  const Shape shape = broadcast_shapes(op, a.shape(), b.shape());
  Array out(shape);
  const Real* x = a.data().data();
  const Real* y = b.data().data();
  Real* to = out.mutable_data().data();
  const bool a_whole = a.shape() == shape;
  const bool b_whole = b.shape() == shape;
  if ((a_whole || a.size() == 1) && (b_whole || b.size() == 1)) {  // then all of it is one long row
    if (shape.numel() > 0) zip_row(to, shape.numel(), x, a_whole, y, b_whole, f);
    return out;
  }
  std::array strides{broadcast_strides(a.shape(), shape), broadcast_strides(b.shape(), shape)};
  Shape rows = shape;
  join_last_axes(rows, strides);  // a few long rows cost less than many short ones
  for_each_row(rows, strides, [&](const auto& start) {
    zip_row(to, row_length(rows), x + start[0], row_step(strides[0]) != 0, y + start[1], row_step(strides[1]) != 0, f);
    to += row_length(rows);
  });
  return out;
}

}  // namespace

// 01.2 add  a, b (shapes that broadcast) -> the broadcast shape;  a + b
// Hint: make `out` with broadcast_shapes and walk the rows of both operands with for_each_row. (Shorter: with
// xtensor_bridge.hpp,  xt::noalias(mutable_view(out)) = view(a) + view(b);  but slow where an operand repeats in a
// row.)
Array add(const Array& a, const Array& b) {
  return zip("add", a, b, [](Real x, Real y) { return x + y; });
}

// 01.2 sub  as add;  a - b
// Hint: the four functions differ in one character: write the rest once.
Array sub(const Array& a, const Array& b) {
  return zip("sub", a, b, [](Real x, Real y) { return x - y; });
}

// 01.2 mul  as add;  a · b, element by element
// Hint: this is not the matrix product.
Array mul(const Array& a, const Array& b) {
  return zip("mul", a, b, [](Real x, Real y) { return x * y; });
}

// 01.2 div  as add;  a / b, and IEEE decides what division by zero gives
// Hint: no checks: 1/0 is inf and 0/0 is NaN, as in PyTorch.
Array div(const Array& a, const Array& b) {
  return zip("div", a, b, [](Real x, Real y) { return x / y; });
}

}  // namespace rushlight
