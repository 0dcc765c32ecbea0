// indexing.cpp: places that are computed. Reading is easy; when many threads add to one place, either each addition is
// atomic, or the place has one owner that adds everything up itself.
#include "22_cuda/kernels.hpp"

namespace rushlight::cuda {

// 22.6 take_kernel  out (R, width), table (V, width), ids (R):  out[r] = table[ids[r]]
// Hint: one thread a number: element i lies in row i / width, at i % width.
__global__ void take_kernel(Global<Real> out, Reals table, Ids ids, std::int64_t width) {
  for (std::int64_t i = grid_first(); i < out.size(); i += grid_stride()) {
    out[i] = table[ids[i / width] * width + i % width];
  }
}

// 22.6 add_atomic_kernel  table (V, width), x (R, width), ids (R):  table[ids[r]] += x[r]
// Hint: atomicAdd(&table[at], value). Two threads may have the same place.
__global__ void add_atomic_kernel(Global<Real> table, Reals x, Ids ids, std::int64_t width) {
  for (std::int64_t i = grid_first(); i < x.size(); i += grid_stride()) {
    atomicAdd(&table[ids[i / width] * width + i % width], x[i]);
  }
}

// 22.6 add_ordered_kernel  the same, one thread a number of the table: it walks over ids and adds what is its own
// Hint: the thread's row of the table is i / width. Start from what the table holds.
__global__ void add_ordered_kernel(Global<Real> table, Reals x, Ids ids, std::int64_t width) {
  for (std::int64_t i = grid_first(); i < table.size(); i += grid_stride()) {
    const std::int64_t row = i / width, column = i % width;
    Real sum = table[i];
    for (std::int64_t r = 0; r < ids.size(); ++r) {
      if (ids[r] == row) sum += x[r * width + column];
    }
    table[i] = sum;
  }
}

// 22.6 gather_kernel  out, index (outer, lines, inner), x (outer, size, inner):  out[o][l][i] = x[o][index[o][l][i]][i]
// Hint: element e of index has i = e % inner and o = e / (lines · inner).
__global__ void gather_kernel(Global<Real> out, Reals x, Ids index, std::int64_t size, std::int64_t lines,
                              std::int64_t inner) {
  for (std::int64_t e = grid_first(); e < out.size(); e += grid_stride()) {
    const std::int64_t outer = e / (lines * inner), i = e % inner;
    out[e] = x[(outer * size + index[e]) * inner + i];
  }
}

// 22.6 scatter_kernel  x (outer, size, inner) += grad (outer, lines, inner) at index; one thread a number of x
// Hint: element e of x belongs to line (e / inner) % size; it looks at all lines of index in its own column.
__global__ void scatter_kernel(Global<Real> x, Reals grad, Ids index, std::int64_t size, std::int64_t lines,
                               std::int64_t inner) {
  for (std::int64_t e = grid_first(); e < x.size(); e += grid_stride()) {
    const std::int64_t outer = e / (size * inner), line = e / inner % size, i = e % inner;
    Real sum = x[e];
    for (std::int64_t l = 0; l < lines; ++l) {
      const std::int64_t at = (outer * lines + l) * inner + i;
      if (index[at] == line) sum += grad[at];
    }
    x[e] = sum;
  }
}

void take_rows(Global<Real> out, Reals table, Ids ids, std::int64_t width) {
  launch(take_kernel, grid_for(out.size()), out, table, ids, width);
}

void add_rows_atomic(Global<Real> table, Reals x, Ids ids, std::int64_t width) {
  launch(add_atomic_kernel, grid_for(x.size()), table, x, ids, width);
}

void add_rows_ordered(Global<Real> table, Reals x, Ids ids, std::int64_t width) {
  launch(add_ordered_kernel, grid_for(table.size()), table, x, ids, width);
}

void gather_lines(Global<Real> out, Reals x, Ids index, std::int64_t size, std::int64_t lines, std::int64_t inner) {
  launch(gather_kernel, grid_for(out.size()), out, x, index, size, lines, inner);
}

void scatter_lines(Global<Real> x, Reals grad, Ids index, std::int64_t size, std::int64_t lines, std::int64_t inner) {
  launch(scatter_kernel, grid_for(x.size()), x, grad, index, size, lines, inner);
}

}  // namespace rushlight::cuda
