// views.hpp: the only door to xtensor. Include it from module 01's .cpp files: every expression costs about half a second
// to compile. A view is an xtensor object over memory that an Array owns; nothing is copied. Given.
//
// Views here have rank 1 or 2, known to the compiler: with a dynamic rank the same addition of eight numbers takes four
// times as long, and where operands broadcast inside an expression up to 360 times. So broadcasting is done here, row by
// row, and an expression sees rows of one length. The rest of what xtensor 0.24 holds ready for the unwary:
//  - `auto y = a + b;` keeps references to a and b, and outlives them where it is returned or stored. Assign to a row of
//    a buffer that you own.
//  - `a == b` asks whether two whole rows are the same; xt::equal(a, b) compares their numbers.
//  - `to = a + b` allocates a temporary for the whole result; `xt::noalias(to) = a + b` writes straight into `to`.
//  - `e / xt::sum(e, {1}, xt::keep_dims)` is wrong: a lazy reducer inside a broadcasting expression.
//  - Reducers add one number at a time, 15 to 60 times slower than a loop with several running sums.
#pragma once

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "01_tensor/array.hpp"
#include "01_tensor/strided.hpp"
#include "01_tensor/xtensor_headers.hpp"

namespace rushlight {

// `length` numbers one after the other, as an xtensor expression of rank 1 that may be assigned to if T is not const.
template <class T>
auto row(T* first, std::int64_t length) {
  const auto count = static_cast<std::size_t>(length);
  return xt::adapt(first, count, xt::no_ownership(), std::array{count});
}

// rows·columns numbers as a matrix.
template <class T>
auto matrix(T* first, std::int64_t rows, std::int64_t columns) {
  const std::array shape{static_cast<std::size_t>(rows), static_cast<std::size_t>(columns)};
  return xt::adapt(first, shape[0] * shape[1], xt::no_ownership(), shape);
}

// Copies `length` numbers, each a step further than the last. Where both steps are 1, as a row; else one by one, which
// is all that strides allow (xt::transpose and strided views take 80 times as long as a row).
inline void copy_row(Real* to, std::int64_t to_step, const Real* from, std::int64_t from_step, std::int64_t length) {
  if (to_step == 1 && from_step == 1) {
    xt::noalias(row(to, length)) = row(from, length);
  } else {
    for (std::int64_t i = 0; i < length; ++i) to[i * to_step] = from[i * from_step];
  }
}

namespace detail {

constexpr std::int64_t most_repeats = 1024;  // 4 KiB of floats: they stay in the nearest cache

// Where an operand's row is read: where it lies or, if it is one number that repeats, from copies of that number.
template <class T>
class RowSource {
 public:
  RowSource() {}  // the copies are left uninitialised, unlike in an aggregate: most operands never need them

  const T* row(const T* first, bool repeats, std::int64_t length) {
    if (!repeats) return first;
    if (first != copied_ || length > count_) {
      std::fill_n(copies_, length, *first);
      copied_ = first;
      count_ = length;
    }
    return copies_;
  }

 private:
  T copies_[most_repeats];
  const T* copied_ = nullptr;
  std::int64_t count_ = 0;
};

template <class Out, class Visit, class... Values, std::size_t... I>
void zip_broadcast(Out& out, Visit visit, std::index_sequence<I...>, const Values&... operands) {
  Shape rows = out.shape();
  std::array strides{broadcast_strides(operands.shape(), rows)...};
  join_last_axes(rows, strides);  // a few long rows cost less than many short ones
  auto* to = out.mutable_data().data();
  const std::tuple first{operands.data().data()...};
  std::tuple<RowSource<std::remove_cvref_t<decltype(operands.data()[0])>>...> sources;
  const std::array repeats{row_step(strides[I]) == 0 ...};
  const std::int64_t length = row_length(rows);
  const std::int64_t piece = (repeats[I] || ...) ? std::min(length, most_repeats) : length;
  for_each_row(rows, strides, [&](const auto& start) {
    for (std::int64_t done = 0; done < length; done += piece) {
      const std::int64_t count = std::min(piece, length - done);
      visit(row(to + done, count),
            row(std::get<I>(sources).row(std::get<I>(first) + start[I] + (repeats[I] ? 0 : done), repeats[I], count),
                count)...);
    }
    to += length;
  });
}

}  // namespace detail

// Calls visit(to, x, y, ...) with rows that together cover `out` and the operands (Arrays or Masks) broadcast to its
// shape. All rows of one call have the same length. An op is one expression:
//
//   Array out(broadcast_shapes("hypot", a.shape(), b.shape()));
//   zip_rows(out, [](auto to, auto x, auto y) { xt::noalias(to) = xt::sqrt(x * x + y * y); }, a, b);
template <class Out, class Visit, class... Operands>
void zip_rows(Out& out, Visit visit, const Operands&... operands) {
  if (out.size() == 0) return;
  if (((operands.shape() == out.shape()) && ...)) {  // then all of it is one long row
    visit(row(out.mutable_data().data(), out.size()), row(operands.data().data(), out.size())...);
  } else {
    detail::zip_broadcast(out, visit, std::index_sequence_for<Operands...>(), operands...);
  }
}

}  // namespace rushlight
