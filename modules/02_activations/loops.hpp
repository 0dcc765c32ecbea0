// loops.hpp: one formula for every element, in one pass over memory. Given. CPU only: what calls it stands behind a slot
// (gelu), so that another device brings its own.
#pragma once

#include <cstdint>

#include "01_tensor/array.hpp"

namespace rushlight {

inline void check_same_shape(const Array& first, const Array& other) {
  other.data();  // an empty Array says so here, as bw.out does where the op did not save it
  if (other.shape() == first.shape()) return;
  throw ShapeError("elementwise: shapes {} and {} differ.", {first.shape(), other.shape()});
}

// f(a[i], b[i], ...) for every element, into a new Array of that shape. All operands have the same shape: nothing is
// broadcast; ShapeError otherwise.
//   Array y = elementwise([](Real x, Real t) { return x * t; }, x, t);
template <class Function, class... Others>
Array elementwise(Function f, const Array& first, const Others&... others) {
  (check_same_shape(first, others), ...);
  Array out(first.shape());
  const auto run = [f, size = out.size()](Real* to, const auto*... from) {
    for (std::int64_t i = 0; i < size; ++i) to[i] = f(from[i]...);
  };
  run(out.mutable_data().data(), first.data().data(), others.data().data()...);
  return out;
}

}  // namespace rushlight
