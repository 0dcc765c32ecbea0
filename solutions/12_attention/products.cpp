// products.cpp: the two matrix products of attention. k and v are the large ones when there is a cache, and several
// heads of q may share one head of them: neither is ever copied.
#include "01_tensor/todo.hpp"
#include "12_attention/attention.hpp"

namespace rushlight {
namespace {

// x (B, H, ., .) and shared (B, G, ., .) with H a multiple of G.
bool groups_fit(const Tensor& x, const Tensor& shared) {
  return x.rank() == 4 && shared.rank() == 4 && x.dim(0) == shared.dim(0) && shared.dim(1) > 0 &&
         x.dim(1) % shared.dim(1) == 0;
}

// solution helper
// (B, H, T, X) with the heads of a group under each other, (B, G, H/G·T, X): one product then serves all of them. They
// are neighbours in memory, so this moves nothing.
Tensor grouped(const Tensor& x, std::int64_t groups) {
  return reshape(x, {x.dim(0), groups, x.dim(1) / groups * x.dim(2), x.dim(3)});
}

// (B, G, H/G·T, X) as (B, H, T, X) again, H and T as in `like`.
Tensor ungrouped(const Tensor& x, const Tensor& like) {
  return reshape(x, {like.dim(0), like.dim(1), like.dim(2), x.dim(3)});
}
// end solution

}  // namespace

// 12.3 attention_scores  q (B, H, T, K), k (B, G, S, K), scale -> (B, H, T, S);  scale · q·kᵀ
// Hint: reshape q to (B, G, H/G·T, K), so that the heads of a group become rows of one product; matmul's .transpose_b
// reads k as kᵀ where it lies. Scale q before the product: it is smaller than the scores.
Tensor attention_scores(const Tensor& q, const Tensor& k, double scale) {
  if (!groups_fit(q, k) || q.dim(3) != k.dim(3)) {
    throw ShapeError(
        "attention_scores: q {} and k {} do not fit: needs (B, H, T, K) and (B, G, S, K) with H a multiple of G.",
        {q.shape(), k.shape()});
  }
  // solution 12.3
  const Tensor scaled = q * static_cast<Real>(scale);
  return ungrouped(matmul(grouped(scaled, k.dim(1)), k, {.transpose_b = true}), q);
  // end solution
}

// 12.3 attention_output  pattern (B, H, T, S), v (B, G, S, V) -> (B, H, T, V);  pattern·v
// Hint: the same way round: reshape, multiply, reshape back.
Tensor attention_output(const Tensor& pattern, const Tensor& v) {
  if (!groups_fit(pattern, v) || pattern.dim(3) != v.dim(2)) {
    throw ShapeError(
        "attention_output: pattern {} and v {} do not fit: needs (B, H, T, S) and (B, G, S, V) with H a multiple of G.",
        {pattern.shape(), v.shape()});
  }
  // solution 12.3
  return ungrouped(matmul(grouped(pattern, v.dim(1)), v), pattern);
  // end solution
}

}  // namespace rushlight
