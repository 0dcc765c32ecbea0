// tensor_reduce.cpp: products and reductions that know their derivative.
#include "01_tensor/tensor.hpp"
#include "01_tensor/todo.hpp"

namespace rushlight {
namespace {  // solution

// A gradient of the reduced shape, given back its axes of size 1 so that it broadcasts over the input.
Array with_kept_axes(const Array& grad, const Shape& input, const Axes& axes) {
  return grad.with_shape(reduced_shape(input, normalize_axes("reduce", axes, input.rank()), true));
}

// Every element of the input receives the gradient of the sum that it went into.
Array spread(const Array& grad, const Shape& input, const Axes& axes) {
  if (grad.size() == 1) return Array::full(input, grad.item());  // nearly every loss ends in one number
  return broadcast_to(with_kept_axes(grad, input, axes), input);
}

std::int64_t reduced_count(const Shape& input, const Axes& axes) {
  std::int64_t count = 1;
  for (const int axis : normalize_axes("mean", axes, input.rank())) count *= input[axis];
  return count;
}

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

// 01.8 sum  x (any shape) -> x without `axes`;  every element that went into a sum receives its gradient
// Hint: give the gradient its axes back (size 1), then broadcast it to x's shape.
Tensor sum(const Tensor& x, const Axes& axes, bool keepdim) {
  return record("sum", sum(x.value(), axes, keepdim), {x}, Save::nothing,
                [axes](const Backward& bw) -> Arrays { return {spread(bw.grad, bw.in_shape(0), axes)}; });
}

// 01.8 mean  as sum;  each element receives 1/count of the gradient
// Hint: count is the number of elements that each mean is taken over.
Tensor mean(const Tensor& x, const Axes& axes, bool keepdim) {
  return record("mean", mean(x.value(), axes, keepdim), {x}, Save::nothing, [axes](const Backward& bw) -> Arrays {
    const auto count = static_cast<Real>(reduced_count(bw.in_shape(0), axes));
    return {spread(bw.grad / count, bw.in_shape(0), axes)};
  });
}

// 01.8 max  as sum;  the gradient goes to the maximum; equal maxima share it
// Hint: equal(x, max with its axes kept) marks the winners; count them.
Tensor max(const Tensor& x, const Axes& axes, bool keepdim) {
  return record("max", max(x.value(), axes, keepdim), {x}, Save::all, [axes](const Backward& bw) -> Arrays {
    const Array& input = bw.in(0);
    const Mask winners = equal(input, with_kept_axes(bw.out, input.shape(), axes));
    const Array chosen = where(winners, Array::scalar(1), Array::scalar(0));
    const Array share = with_kept_axes(bw.grad, input.shape(), axes) / sum(chosen, axes, true);
    return {where(winners, share, Array::scalar(0))};
  });
}

}  // namespace rushlight
