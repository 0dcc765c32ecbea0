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

}  // namespace

// 18.4 looped_add  a (..., D), b (D) -> a's shape;  a + b, b added to every row. Other shapes: plain::add.
// Hint: two loops, over rows and along one. parallel_for over the rows.
Array looped_add(const Array& a, const Array& b) {
  if (!is_row_of(a, b)) return plain::add(a, b);
  todo("18.4");
}

// 18.4 looped_maximum  a (any shape), b a number -> a's shape;  max(a, b), NaN if either is. Other shapes: plain::maximum.
// Hint: a[i] >= b is false if either is a NaN. Then it is a[i] that counts, if that is the NaN, else b.
Array looped_maximum(const Array& a, const Array& b) {
  if (b.rank() != 0) return plain::maximum(a, b);
  todo("18.4");
}

// 18.4 looped_equal  a (any shape), b a number -> Mask of a's shape;  a == b. Other shapes: plain::equal.
// Hint: a Mask has mutable_data() too.
Mask looped_equal(const Array& a, const Array& b) {
  if (b.rank() != 0) return plain::equal(a, b);
  todo("18.4");
}

// 18.4 looped_where  condition and b (one shape), a a number -> that shape;  condition ? a : b. Else: plain::where.
// Hint: choose with ?: and store in any case, so that the loop has no branch.
Array looped_where(const Mask& condition, const Array& a, const Array& b) {
  if (a.rank() != 0 || condition.shape() != b.shape()) return plain::where(condition, a, b);
  todo("18.4");
}

// 18.4 looped_sum  x (..., D), axes all but the last -> (D), or (1, ..., D) with keepdim;  the rows added up
// Other axes: plain::sum. As there, a column of a million numbers keeps its digits.
// Hint: divide the columns among the threads: then no two of them add to one number. For a piece of columns: rows_in_real
// rows at a time into an array of Reals, then those into one of doubles.
Array looped_sum(const Array& x, const Axes& axes, bool keepdim) {
  if (!adds_rows_up(x, axes)) return plain::sum(x, axes, keepdim);
  todo("18.4");
}

}  // namespace rushlight
