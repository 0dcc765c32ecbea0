// tensor_matmul.cpp: the product that knows its derivative.
#include "01_tensor/tensor.hpp"
#include "01_tensor/todo.hpp"

namespace rushlight {
namespace {  // solution

Array as_row(const Array& x) { return x.rank() == 1 ? x.with_shape({1, x.size()}) : x; }
Array as_column(const Array& x) { return x.rank() == 1 ? x.with_shape({x.size(), 1}) : x; }

// The axes of a matrix product that are not part of the batch: M unless A is a vector, N unless B is one.
Array as_matrices(const Array& grad, bool row, bool column) {
  const int batch_rank = grad.rank() - (row ? 0 : 1) - (column ? 0 : 1);
  Shape shape(std::span(grad.shape().begin(), static_cast<std::size_t>(batch_rank)));
  shape.push_back(row ? 1 : grad.shape()[batch_rank]);
  shape.push_back(column ? 1 : grad.dim(-1));
  return grad.with_shape(shape);
}

// All rows of all matrices of a batch, one below the other: (..., M, K) -> (... · M, K).
Array stacked(const Array& x) { return x.with_shape({x.size() / x.dim(-1), x.dim(-1)}); }

// dA = G·op(B)ᵀ, read through flags so that nothing is transposed in memory. When A itself was read as transposed, dA
// must come out transposed too: (G·op(B)ᵀ)ᵀ = op(B)·Gᵀ.
Array gradient_of_a(const Array& g, const Array& b, MatmulFlags flags) {
  const auto [ta, tb] = flags;
  return ta ? matmul(b, g, {.transpose_a = tb, .transpose_b = true}) : matmul(g, b, {.transpose_b = !tb});
}

// dB = op(A)ᵀ·G, and (op(A)ᵀ·G)ᵀ = Gᵀ·op(A) when B was read as transposed.
Array gradient_of_b(const Array& g, const Array& a, MatmulFlags flags) {
  const auto [ta, tb] = flags;
  return tb ? matmul(g, a, {.transpose_a = true, .transpose_b = ta}) : matmul(a, g, {.transpose_a = !ta});
}

Arrays matmul_gradients(const Backward& bw, MatmulFlags flags) {
  const bool row = bw.in_shape(0).rank() == 1;
  const bool column = bw.in_shape(1).rank() == 1;
  flags = {flags.transpose_a && !row, flags.transpose_b && !column};
  const Array a = as_row(bw.in(0));
  const Array b = as_column(bw.in(1));
  const Array g = as_matrices(bw.grad, row, column);
  // One matrix B for a whole batch: one tall product, rather than a product per batch entry and their sum.
  const bool stack = b.rank() == 2 && a.rank() > 2 && !flags.transpose_a && a.size() > 0 && g.size() > 0;
  Array da, db;
  if (bw.needs(0)) da = gradient_of_a(g, b, flags);
  if (bw.needs(1)) db = stack ? gradient_of_b(stacked(g), stacked(a), flags) : gradient_of_b(g, a, flags);
  if (db.defined() && column) db = db.with_shape(reduced_shape(db.shape(), {db.rank() - 1}, false));
  return {da, db};  // a vector's dA is (..., 1, K): the engine sums it down to (K)
}

}  // namespace

// 01.8 matmul  (..., M, K) x (..., K, N) -> (..., M, N), flags and rank 1 as for Arrays
// C = A·B:  ∂L/∂A = G·Bᵀ,  ∂L/∂B = Aᵀ·G,  where G = ∂L/∂C.
// Hint: flags read a transpose for free. In the rule, give a vector (and G) its second axis with with_shape; the engine
// sums (..., 1, K) down to (K) for you, but a (..., K, 1) must lose its last axis first.
Tensor matmul(const Tensor& a, const Tensor& b, MatmulFlags flags) {
  return record("matmul", matmul(a.value(), b.value(), flags), {a, b}, Save::inputs,
                [flags](const Backward& bw) { return matmul_gradients(bw, flags); });
}

}  // namespace rushlight
