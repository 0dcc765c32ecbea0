// matmul.cpp: the matrix product, over batches that broadcast. OpenBLAS multiplies; this file says what with what.
#include "01_tensor/blas.hpp"
#include "01_tensor/primitives.hpp"
#include "01_tensor/strided.hpp"
#include "01_tensor/todo.hpp"

#include <algorithm>

namespace rushlight {
// solution helper
namespace {

// The axes before the last two.
Shape batch_of(const Shape& shape) { return Shape(std::span(shape.begin(), shape.end() - 2)); }

Gemm sizes_of(const Array& a, const Array& b, MatmulFlags flags) {
  const std::int64_t m = a.dim(flags.transpose_a ? -1 : -2);
  const std::int64_t k = a.dim(flags.transpose_a ? -2 : -1);
  const std::int64_t k_of_b = b.dim(flags.transpose_b ? -1 : -2);
  const std::int64_t n = b.dim(flags.transpose_b ? -2 : -1);
  if (k != k_of_b) {
    throw ShapeError(fmt::format("matmul: shapes {}{} and {}{} do not multiply: needs (..., M, K) x (..., K, N), but K "
                                 "is {} and {}.", a.shape(), flags.transpose_a ? " transposed" : "", b.shape(),
                                 flags.transpose_b ? " transposed" : "", k, k_of_b));
  }
  return {.m = m, .n = n, .k = k, .transpose_a = flags.transpose_a, .transpose_b = flags.transpose_b};
}

Array matmul_batches(const Array& a, const Array& b, MatmulFlags flags) {
  Gemm sizes = sizes_of(a, b, flags);
  const Shape batch = broadcast_shapes("matmul", batch_of(a.shape()), batch_of(b.shape()));
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
// end solution

// 01.4 matmul  (..., M, K) x (..., K, N) -> (..., M, N);  Σₖ a[m, k] · b[k, n]; leading axes broadcast
// A flag reads that operand's last two axes as swapped. Rank 1: (K) x (K, N) -> (N), (M, K) x (K) -> (M),
// (K) x (K) -> (); flags are for rank 2 and above. A product over K = 0 is zeros.
// Throws ShapeError with both shapes and the rule; rank 0 is an error too.
// Hint: gemm() in blas.hpp multiplies two matrices; you find where each one of the batch starts.
Array matmul(const Array& a, const Array& b, MatmulFlags flags) {
  // solution 01.4
  if (a.rank() == 0 || b.rank() == 0) {
    throw ShapeError(fmt::format("matmul: shapes {} and {}: a scalar has no rows; use mul.", a.shape(), b.shape()));
  }
  if (a.rank() == 1) {
    const Array product = matmul(a.with_shape({1, a.size()}), b, {.transpose_b = flags.transpose_b});
    const int row = b.rank() == 1 ? product.rank() - 1 : product.rank() - 2;  // where the 1 stands
    return product.with_shape(reduced_shape(product.shape(), {row}, false));
  }
  if (b.rank() == 1) {
    const Array product = matmul(a, b.with_shape({b.size(), 1}), {.transpose_a = flags.transpose_a});
    return product.with_shape(reduced_shape(product.shape(), {product.rank() - 1}, false));
  }
  return matmul_batches(a, b, flags);
  // end solution
}

}  // namespace rushlight
