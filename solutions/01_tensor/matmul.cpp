// matmul.cpp: the matrix product, over batches that broadcast. OpenBLAS multiplies, through xtensor-blas; this file says
// what with what.
#include "01_tensor/blas.hpp"
#include "01_tensor/plain.hpp"
#include "01_tensor/strided.hpp"
#include "01_tensor/todo.hpp"

namespace rushlight::plain {
namespace {  // solution

// The axes before the last two.
Shape batch_of(const Shape& shape) { return Shape(std::span(shape.begin(), shape.end() - 2)); }

void check_inner(const Array& a, const Array& b, MatmulFlags flags) {
  const bool ta = flags.transpose_a && a.rank() > 1;
  const bool tb = flags.transpose_b && b.rank() > 1;
  const std::int64_t k_of_a = a.dim(ta ? -2 : -1);
  const std::int64_t k_of_b = b.dim(tb || b.rank() == 1 ? -1 : -2);
  if (k_of_a != k_of_b) {
    throw ShapeError(
        "matmul: shapes {}{} and {}{} do not multiply: needs (..., M, K) x (..., K, N), but K "
        "is {} and {}.",
        {a.shape(), ta ? " transposed" : "", b.shape(), tb ? " transposed" : "", k_of_a, k_of_b});
  }
}

Gemm sizes_of(const Array& a, const Array& b, MatmulFlags flags) {
  const auto [ta, tb] = flags;
  return {.m = a.dim(ta ? -1 : -2),
          .n = b.dim(tb ? -2 : -1),
          .k = a.dim(ta ? -2 : -1),
          .transpose_a = ta,
          .transpose_b = tb};
}

// Both of rank 2 or more, with the same K.
Array matmul_batches(const Array& a, const Array& b, MatmulFlags flags) {
  Gemm sizes = sizes_of(a, b, flags);
  const Shape batch = product_batch(a.shape(), b.shape());
  Shape shape = batch;
  shape.push_back(sizes.m);
  shape.push_back(sizes.n);
  Array out = sizes.k == 0 ? zeros(shape) : Array(shape);
  Real* to = out.mutable_data().data();
  if (out.size() == 0 || sizes.k == 0) return out;
  if (b.rank() == 2 && !flags.transpose_a) {  // one matrix for the whole batch: its rows are just more rows of A
    sizes.m *= batch.numel();
    gemm(sizes, a.data().data(), b.data().data(), to);
    return out;
  }
  Shape rows = batch;
  rows.push_back(1);  // every matrix of the batch is one step of the walk
  const auto strides = [&](const Array& operand) {
    Shape steps = broadcast_strides(batch_of(operand.shape()), batch);
    for (int axis = 0; axis < steps.rank(); ++axis) steps[axis] *= operand.dim(-1) * operand.dim(-2);
    steps.push_back(0);
    return steps;
  };
  for_each_row(rows, std::array{strides(a), strides(b)}, [&](const auto& start) {
    gemm(sizes, a.data().data() + start[0], b.data().data() + start[1], to);
    to += sizes.m * sizes.n;
  });
  return out;
}

}  // namespace

// 01.4 matmul  (..., M, K) x (..., K, N) -> (..., M, N);  Σₖ a[m, k] · b[k, n]; leading axes broadcast
// A flag reads that operand's last two axes as swapped. Rank 1: (K) x (K, N) -> (N), (M, K) x (K) -> (M),
// (K) x (K) -> (); a flag says nothing about a vector. A product over K = 0 is zeros.
// Throws ShapeError with both shapes (as they were given) and the rule, "(..., M, K) x (..., K, N)"; rank 0 is an error
// too.
// Hint: gemm() in blas.hpp multiplies two matrices; you find where each one of the batch starts.
Array matmul(const Array& a, const Array& b, MatmulFlags flags) {
  if (a.rank() == 0 || b.rank() == 0) {
    throw ShapeError("matmul: shapes {} and {}: a scalar has no rows; use mul.", {a.shape(), b.shape()});
  }
  check_inner(a, b, flags);
  if (a.rank() > 1 && b.rank() > 1) return matmul_batches(a, b, flags);
  // A vector is a matrix of one row on the left, of one column on the right. The axis of size 1 goes again.
  const bool row = a.rank() == 1;
  const bool column = b.rank() == 1;
  const Array product = matmul_batches(row ? a.with_shape({1, a.size()}) : a, column ? b.with_shape({b.size(), 1}) : b,
                                       {flags.transpose_a && !row, flags.transpose_b && !column});
  Axes extra;
  if (row) extra.push_back(product.rank() - 2);
  if (column) extra.push_back(product.rank() - 1);
  return product.with_shape(reduced_shape(product.shape(), extra, false));
}

}  // namespace rushlight::plain
