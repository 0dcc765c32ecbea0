// heads.cpp: one wide vector as several narrow ones, and back.
#include "01_tensor/todo.hpp"
#include "12_attention/attention.hpp"

namespace rushlight {

// 12.6 split_heads  x (B, T, H·K), heads -> (B, H, T, K)
// Throws ShapeError when the rank is not 3 or the width is no multiple of heads.
// Hint: reshape cuts the last axis, permute moves the heads forward. Reshape alone would mix positions and heads.
Tensor split_heads(const Tensor& x, std::int64_t heads) {
  if (x.rank() != 3 || heads < 1 || x.dim(2) % heads != 0) {
    throw ShapeError(
        "split_heads: {} does not split into {} heads: needs (B, T, D) with D a multiple of "
        "the heads.",
        {x.shape(), heads});
  }
  return permute(reshape(x, {x.dim(0), x.dim(1), heads, x.dim(2) / heads}), {0, 2, 1, 3});
}

// 12.6 merge_heads  x (B, H, T, K) -> (B, T, H·K)
// Throws ShapeError when the rank is not 4.
// Hint: split_heads backwards.
Tensor merge_heads(const Tensor& x) {
  if (x.rank() != 4) throw ShapeError("merge_heads: {} must be (B, H, T, K).", {x.shape()});
  return reshape(permute(x, {0, 2, 1, 3}), {x.dim(0), x.dim(2), x.dim(1) * x.dim(3)});
}

}  // namespace rushlight
