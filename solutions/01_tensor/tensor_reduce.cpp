// tensor_reduce.cpp: products and reductions that know their derivative.
#include "01_tensor/tensor.hpp"
#include "01_tensor/todo.hpp"

namespace rushlight {
// solution helper
namespace {

// A gradient of the reduced shape, given back its axes of size 1 so that it broadcasts over the input.
Array with_kept_axes(const Array& grad, const Shape& input, const Axes& axes) {
  return grad.with_shape(reduced_shape(input, normalize_axes("reduce", axes, input.rank()), true));
}

std::int64_t reduced_count(const Shape& input, const Axes& axes) {
  std::int64_t count = 1;
  for (const int axis : normalize_axes("mean", axes, input.rank())) count *= input[axis];
  return count;
}

// dA = G·op(B)ᵀ and dB = op(A)ᵀ·G, each read through flags so that nothing is transposed in memory. When A itself was
// read as transposed, dA must come out transposed too: (G·op(B)ᵀ)ᵀ = op(B)·Gᵀ.
Arrays matmul_gradients(const Backward& bw, MatmulFlags flags) {
  const auto [ta, tb] = flags;
  Array da, db;
  if (bw.needs(0)) {
    da = ta ? matmul(bw.in(1), bw.grad, {.transpose_a = tb, .transpose_b = true})
            : matmul(bw.grad, bw.in(1), {.transpose_b = !tb});
  }
  if (bw.needs(1)) {
    db = tb ? matmul(bw.grad, bw.in(0), {.transpose_a = true, .transpose_b = ta})
            : matmul(bw.in(0), bw.grad, {.transpose_a = !ta});
  }
  return {da, db};
}

}  // namespace
// end solution

// 01.8 matmul  (..., M, K) x (..., K, N) -> (..., M, N), flags and rank 1 as for Arrays
// C = A·B:  ∂L/∂A = G·Bᵀ,  ∂L/∂B = Aᵀ·G,  where G = ∂L/∂C.
// Hint: flags read a transpose for free. Give a vector its second axis (reshape) and take it away again.
Tensor matmul(const Tensor& a, const Tensor& b, MatmulFlags flags) {
  // solution 01.8
  if (a.rank() == 1 && b.rank() >= 1) {
    const Tensor product = matmul(reshape(a, {1, a.size()}), b, {.transpose_b = flags.transpose_b});
    const int row = b.rank() == 1 ? product.rank() - 1 : product.rank() - 2;
    return reshape(product, reduced_shape(product.shape(), {row}, false));
  }
  if (b.rank() == 1 && a.rank() >= 2) {
    const Tensor product = matmul(a, reshape(b, {b.size(), 1}), {.transpose_a = flags.transpose_a});
    return reshape(product, reduced_shape(product.shape(), {product.rank() - 1}, false));
  }
  return record("matmul", matmul(a.value(), b.value(), flags), {a, b},
                [flags](const Backward& bw) { return matmul_gradients(bw, flags); }, Save::inputs);
  // end solution
}

// 01.8 sum  x (any shape) -> x without `axes`;  every element that went into a sum receives its gradient
// Hint: give the gradient its axes back (size 1), then broadcast it to x's shape.
Tensor sum(const Tensor& x, const Axes& axes, bool keepdim) {
  // solution 01.8
  return record("sum", sum(x.value(), axes, keepdim), {x}, [axes](const Backward& bw) -> Arrays {
    return {broadcast_to(with_kept_axes(bw.grad, bw.in_shape(0), axes), bw.in_shape(0))};
  }, Save::nothing);
  // end solution
}

// 01.8 mean  as sum;  each element receives 1/count of the gradient
// Hint: count is the number of elements that each mean is taken over.
Tensor mean(const Tensor& x, const Axes& axes, bool keepdim) {
  // solution 01.8
  return record("mean", mean(x.value(), axes, keepdim), {x}, [axes](const Backward& bw) -> Arrays {
    const auto count = static_cast<Real>(reduced_count(bw.in_shape(0), axes));
    return {broadcast_to(with_kept_axes(bw.grad, bw.in_shape(0), axes) / count, bw.in_shape(0))};
  }, Save::nothing);
  // end solution
}

// 01.8 max  as sum;  the gradient goes to the maximum; equal maxima share it
// Hint: equal(x, max with its axes kept) marks the winners; count them.
Tensor max(const Tensor& x, const Axes& axes, bool keepdim) {
  // solution 01.8
  return record("max", max(x.value(), axes, keepdim), {x}, [axes](const Backward& bw) -> Arrays {
    const Array& input = bw.in(0);
    const Mask winners = equal(input, with_kept_axes(bw.out, input.shape(), axes));
    const Array chosen = where(winners, Array::scalar(1), Array::scalar(0));
    const Array share = with_kept_axes(bw.grad, input.shape(), axes) / sum(chosen, axes, true);
    return {where(winners, share, Array::scalar(0))};
  });
  // end solution
}

}  // namespace rushlight
