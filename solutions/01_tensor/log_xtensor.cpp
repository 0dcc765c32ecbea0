// log_xtensor.cpp: the logarithm, several numbers at a time, through xtensor and xsimd. This one, tanh and erf have a
// file each, because an xtensor expression takes longer to compile than all of math.cpp.
#include "01_tensor/primitives.hpp"
#include "01_tensor/todo.hpp"
#include "01_tensor/xtensor_bridge.hpp"

namespace rushlight {

// 01.2 log  x (any shape) -> same shape;  ln x, -inf at 0, NaN below
// Hint: xt::noalias(mutable_view(out)) = xt::log(view(x)) is four times faster than a loop over std::log.
Array log(const Array& x) {
  Array out(x.shape());
  xt::noalias(mutable_view(out)) = xt::log(view(x));
  return out;
}

}  // namespace rushlight
