// math.cpp: functions of one Array, element by element. Two of them are loops: xt::exp gives up before float does, and
// xt::pow was not checked at the corners that std::pow promises.
#include <algorithm>
#include <cmath>

#include "01_tensor/fast_exp.hpp"
#include "01_tensor/plain.hpp"
#include "01_tensor/todo.hpp"
#include "01_tensor/views.hpp"

namespace rushlight::plain {

// 01.2 neg  x (any shape) -> same shape;  -x
// Hint: zip_rows with one operand:  xt::noalias(to) = -from;
Array neg(const Array& x) {
  Array out(x.shape());
  zip_rows(
      out, [](auto to, auto from) { xt::noalias(to) = -from; }, x);
  return out;
}

// 01.2 abs  x (any shape) -> same shape;  |x|
// Hint: as neg.
Array abs(const Array& x) {
  Array out(x.shape());
  zip_rows(
      out, [](auto to, auto from) { xt::noalias(to) = xt::abs(from); }, x);
  return out;
}

// 01.2 sqrt  x (any shape) -> same shape;  √x, NaN below 0
// Hint: as neg.
Array sqrt(const Array& x) {
  Array out(x.shape());
  zip_rows(
      out, [](auto to, auto from) { xt::noalias(to) = xt::sqrt(from); }, x);
  return out;
}

// 01.2 exp  x (any shape) -> same shape;  eˣ, over all that float holds: up to 88.72, and down to -103.9
// Hint: std::transform with exp_of (fast_exp.hpp), which a compiler can turn into vector instructions. (xt::exp gives
// inf from 88.38 on and 0 below -87.7.)
Array exp(const Array& x) {
  Array out(x.shape());
  std::transform(x.data().begin(), x.data().end(), out.mutable_data().begin(), [](Real v) { return exp_of(v); });
  return out;
}

// 01.2 pow  x (any shape), one exponent -> same shape;  x^exponent
// Hint: std::transform with std::pow. It is slow, and a square is common enough to be worth x · x.
Array pow(const Array& x, Real exponent) {
  if (exponent == 2) return x * x;
  Array out(x.shape());
  std::transform(x.data().begin(), x.data().end(), out.mutable_data().begin(),
                 [exponent](Real v) { return std::pow(v, exponent); });
  return out;
}

}  // namespace rushlight::plain
