// table_matmul.cpp: given. Shapes of a product: vectors become matrices, and the batch one number of matrices.
#include "22_cuda/table.hpp"

namespace rushlight::cuda::table {
namespace {

Shape batch_of(const Array& x) { return Shape(std::span(x.shape().begin(), x.shape().end() - 2)); }

// x with its leading axes repeated to `batch`, if they are neither that nor one matrix for all.
Array in_batch(const Array& x, const Shape& batch) {
  if (batch_of(x) == batch || batch_of(x).numel() == 1) return x;
  Shape shape = batch;
  shape.push_back(x.dim(-2));
  shape.push_back(x.dim(-1));
  return table::broadcast_to(x, shape);
}

std::int64_t stride_of(const Array& x, std::int64_t batch) {
  const std::int64_t one = x.dim(-2) * x.dim(-1);
  return batch > 1 && x.size() == one ? 0 : one;
}

Array product_of(const Array& a, const Array& b, MatmulFlags flags) {
  const auto [ta, tb] = flags;
  const Shape batch = product_batch(a.shape(), b.shape());
  Product product{.batch = batch.numel(),
                  .m = a.dim(ta ? -1 : -2),
                  .n = b.dim(tb ? -2 : -1),
                  .k = a.dim(ta ? -2 : -1),
                  .transpose_a = ta,
                  .transpose_b = tb};
  Shape shape = batch;
  shape.push_back(product.m);
  shape.push_back(product.n);
  Array out = fresh(shape);
  if (out.size() == 0) return out;
  if (product.k == 0) return table::full(shape, 0);
  const Array left = in_batch(a, batch), right = in_batch(b, batch);
  product.stride_a = stride_of(left, product.batch);
  product.stride_b = stride_of(right, product.batch);
  if (product.stride_b == 0 && !ta && product.stride_a != 0) {  // one matrix for all: its rows are just more rows of a
    product.m *= product.batch;
    product.batch = 1;
  }
  // A block of the better kernel has 64 x 64 results: of a smaller product most of its threads would have none.
  const auto kernel = product.m >= 64 && product.n >= 64 ? matmul_registers : matmul_tiled;
  kernel(view_to_write(out), view(left), view(right), product);
  return out;
}

void check_inner(const Array& a, const Array& b, MatmulFlags flags) {
  const bool ta = flags.transpose_a && a.rank() > 1, tb = flags.transpose_b && b.rank() > 1;
  const std::int64_t k_of_a = a.dim(ta ? -2 : -1), k_of_b = b.dim(tb || b.rank() == 1 ? -1 : -2);
  if (k_of_a == k_of_b) return;
  throw ShapeError("matmul: shapes {}{} and {}{} do not multiply: needs (..., M, K) x (..., K, N), but K is {} and {}.",
                   {a.shape(), ta ? " transposed" : "", b.shape(), tb ? " transposed" : "", k_of_a, k_of_b});
}

}  // namespace

Array matmul(const Array& a, const Array& b, MatmulFlags flags) {
  if (a.rank() == 0 || b.rank() == 0) {
    throw ShapeError("matmul: shapes {} and {}: a scalar has no rows; use mul.", {a.shape(), b.shape()});
  }
  check_inner(a, b, flags);
  const bool row = a.rank() == 1, column = b.rank() == 1;
  const Array left = row ? a.with_shape({1, a.size()}) : a;
  const Array right = column ? b.with_shape({b.size(), 1}) : b;
  const Array product = product_of(left, right, {flags.transpose_a && !row, flags.transpose_b && !column});
  Axes extra;
  if (row) extra.push_back(product.rank() - 2);
  if (column) extra.push_back(product.rank() - 1);
  return extra.empty() ? product : product.with_shape(reduced_shape(product.shape(), extra, false));
}

}  // namespace rushlight::cuda::table
