// heads.cpp: one wide vector as several narrow ones, and back.
#include "01_tensor/todo.hpp"
#include "12_attention/attention.hpp"

namespace rushlight {

// 12.6 split_heads  x (B, T, H·K), heads -> (B, H, T, K)
// Throws ShapeError when the rank is not 3 or the width is no multiple of heads.
// Hint: reshape cuts the last axis, permute moves the heads forward. Reshape alone would mix positions and heads.
Tensor split_heads(const Tensor& x, std::int64_t heads) {
  todo("12.6");
}

// 12.6 merge_heads  x (B, H, T, K) -> (B, T, H·K)
// Throws ShapeError when the rank is not 4.
// Hint: split_heads backwards.
Tensor merge_heads(const Tensor& x) {
  todo("12.6");
}

}  // namespace rushlight
