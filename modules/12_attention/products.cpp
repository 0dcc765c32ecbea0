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
  todo("12.3");
}

// 12.3 attention_output  pattern (B, H, T, S), v (B, G, S, V) -> (B, H, T, V);  pattern·v
// Hint: the same way round: reshape, multiply, reshape back.
Tensor attention_output(const Tensor& pattern, const Tensor& v) {
  if (!groups_fit(pattern, v) || pattern.dim(3) != v.dim(2)) {
    throw ShapeError(
        "attention_output: pattern {} and v {} do not fit: needs (B, H, T, S) and (B, G, S, V) with H a multiple of G.",
        {pattern.shape(), v.shape()});
  }
  todo("12.3");
}

}  // namespace rushlight
