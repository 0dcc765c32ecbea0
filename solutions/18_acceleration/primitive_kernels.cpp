// primitive_kernels.cpp: five primitives of module 01 as loops, for the operands that layers give them: a row that
// repeats, or a number. An xtensor expression costs some ten nanoseconds for each row that it is written for, and copies
// of the number; a loop costs what its numbers cost. Other operands go to module 01's functions.
// Letters: D numbers in a row, R rows.
#include <algorithm>
#include <cmath>

#include "01_tensor/todo.hpp"
#include "18_acceleration/kernels.hpp"
#include "18_acceleration/parallel.hpp"

namespace rushlight {
namespace {

// Numbers in a piece of work: some 10 µs of reading and writing.
constexpr std::int64_t numbers_of_a_piece = 32768;

// Columns in a piece of work of a sum, and rows that are added up in Real before double takes over.
constexpr std::int64_t columns_of_a_piece = 256, rows_in_real = 64;

// Whether b (D) repeats along the rows of a (..., D).
bool is_row_of(const Array& a, const Array& b) { return b.rank() == 1 && a.rank() > 1 && a.dim(-1) == b.dim(0); }

// Whether a sum over `axes` of x leaves the last axis alone: (..., D) -> (D).
bool adds_rows_up(const Array& x, const Axes& axes) {
  if (x.rank() < 2 || static_cast<int>(axes.size()) != x.rank() - 1) return false;
  for (int axis = 0; axis < x.rank() - 1; ++axis) {
    if (axes[static_cast<std::size_t>(axis)] != axis) return false;
  }
  return true;
}

// solution helper
// body(i) for every i below count, on all threads. Each piece has a copy of body: the compiler then sees that nothing
// written changes the numbers that it captured, and keeps them in registers.
template <class Body>
void for_each_number(std::int64_t count, Body body) {
  parallel_for(count, numbers_of_a_piece, [body](std::int64_t first, std::int64_t last) {
    const Body own = body;
    for (std::int64_t i = first; i < last; ++i) own(i);
  });
}
// end solution

}  // namespace

// 18.4 looped_add  a (..., D), b (D) -> a's shape;  a + b, b added to every row. Other shapes: plain::add.
// Hint: two loops, over rows and along one. parallel_for over the rows.
Array looped_add(const Array& a, const Array& b) {
  if (!is_row_of(a, b)) return plain::add(a, b);
  // solution 18.4
  Array y(a.shape());
  const std::int64_t D = b.dim(0);
  const Real* from = a.data().data();
  const Real* row = b.data().data();
  Real* to = y.mutable_data().data();
  const std::int64_t rows = D == 0 ? 0 : y.size() / D,
                     rows_of_a_piece = numbers_of_a_piece / std::max<std::int64_t>(D, 1);
  parallel_for(rows, std::max<std::int64_t>(rows_of_a_piece, 1), [=](std::int64_t first, std::int64_t last) {
    for (std::int64_t r = first; r < last; ++r) {
      for (std::int64_t i = 0; i < D; ++i) to[r * D + i] = from[r * D + i] + row[i];
    }
  });
  return y;
  // end solution
}

// 18.4 looped_maximum  a (any shape), b a number -> a's shape;  max(a, b), NaN if either is. Other shapes: plain::maximum.
// Hint: a[i] >= b is false if either is a NaN. Then it is a[i] that counts, if that is the NaN, else b.
Array looped_maximum(const Array& a, const Array& b) {
  if (b.rank() != 0) return plain::maximum(a, b);
  // solution 18.4
  Array y(a.shape());
  const Real bound = b.item();
  const Real* from = a.data().data();
  Real* to = y.mutable_data().data();
  for_each_number(y.size(), [=](std::int64_t i) { to[i] = from[i] >= bound || std::isnan(from[i]) ? from[i] : bound; });
  return y;
  // end solution
}

// 18.4 looped_equal  a (any shape), b a number -> Mask of a's shape;  a == b. Other shapes: plain::equal.
// Hint: a Mask has mutable_data() too.
Mask looped_equal(const Array& a, const Array& b) {
  if (b.rank() != 0) return plain::equal(a, b);
  // solution 18.4
  Mask same(a.shape());
  const Real number = b.item();
  const Real* from = a.data().data();
  std::uint8_t* to = same.mutable_data().data();
  for_each_number(same.size(), [=](std::int64_t i) { to[i] = from[i] == number; });
  return same;
  // end solution
}

// 18.4 looped_where  condition and b (one shape), a a number -> that shape;  condition ? a : b. Else: plain::where.
// Hint: choose with ?: and store in any case, so that the loop has no branch.
Array looped_where(const Mask& condition, const Array& a, const Array& b) {
  if (a.rank() != 0 || condition.shape() != b.shape()) return plain::where(condition, a, b);
  // solution 18.4
  Array y(b.shape());
  const Real number = a.item();
  const std::uint8_t* chosen = condition.data().data();
  const Real* from = b.data().data();
  Real* to = y.mutable_data().data();
  for_each_number(y.size(), [=](std::int64_t i) { to[i] = chosen[i] != 0 ? number : from[i]; });
  return y;
  // end solution
}

// 18.4 looped_sum  x (..., D), axes all but the last -> (D), or (1, ..., D) with keepdim;  the rows added up
// Other axes: plain::sum. As there, a column of a million numbers keeps its digits.
// Hint: divide the columns among the threads: then no two of them add to one number. For a piece of columns: rows_in_real
// rows at a time into an array of Reals, then those into one of doubles.
Array looped_sum(const Array& x, const Axes& axes, bool keepdim) {
  if (!adds_rows_up(x, axes)) return plain::sum(x, axes, keepdim);
  // solution 18.4
  Array y(reduced_shape(x.shape(), axes, keepdim));
  const std::int64_t D = y.size(), R = D == 0 ? 0 : x.size() / D;
  const Real* from = x.data().data();
  Real* to = y.mutable_data().data();
  parallel_for(D, columns_of_a_piece, [=](std::int64_t first, std::int64_t last) {
    const std::int64_t width = last - first;
    double total[columns_of_a_piece];
    std::fill_n(total, width, 0.0);
    for (std::int64_t block = 0; block < R; block += rows_in_real) {
      Real part[columns_of_a_piece];
      std::fill_n(part, width, Real{0});
      for (std::int64_t r = block; r < std::min(R, block + rows_in_real); ++r) {
        for (std::int64_t i = 0; i < width; ++i) part[i] += from[r * D + first + i];
      }
      for (std::int64_t i = 0; i < width; ++i) total[i] += part[i];
    }
    std::copy_n(total, width, to + first);
  });
  return y;
  // end solution
}

}  // namespace rushlight
