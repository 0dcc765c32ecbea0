// masks.cpp: who may look at whom. true = may attend. The masks are made here and applied in apply_mask.cpp.
#include "01_tensor/strided.hpp"
#include "01_tensor/todo.hpp"
#include "12_attention/attention.hpp"

namespace rushlight {

// 12.1 causal_mask  T, S -> (T, S);  [t, s] is true when s <= t + (S - T)
// Throws ShapeError when a size is negative.
// Hint: two loops. Mind the case S = T first; then the last query must still see the last key.
Mask causal_mask(std::int64_t queries, std::int64_t keys) {
  if (queries < 0 || keys < 0) throw ShapeError("causal_mask: ({}, {}) is not a shape.", {queries, keys});
  Mask mask(Shape{queries, keys});
  std::uint8_t* out = mask.mutable_data().data();
  for (std::int64_t t = 0; t < queries; ++t) {
    for (std::int64_t s = 0; s < keys; ++s) *out++ = s <= t + keys - queries;
  }
  return mask;
}

// 12.1 padding_mask  lengths (B), S -> (B, 1, 1, S);  [b, 0, 0, s] is true when s < lengths[b]
// Throws ShapeError unless lengths has rank 1 and S >= 0, ValueError that names a length outside 0..S.
// Hint: the two axes of size 1 broadcast over heads and queries.
Mask padding_mask(const Indices& lengths, std::int64_t keys) {
  if (lengths.shape().rank() != 1 || keys < 0) {
    throw ShapeError(
        "padding_mask: lengths {} and {} keys: needs lengths (B), one per sequence, and no "
        "negative size.",
        {lengths.shape(), keys});
  }
  Mask mask(Shape{lengths.size(), 1, 1, keys});
  std::uint8_t* out = mask.mutable_data().data();
  for (const std::int32_t length : lengths.data()) {
    if (length < 0 || length > keys) {
      throw ValueError("padding_mask: length {} is outside 0..{}.", {length, keys});
    }
    for (std::int64_t s = 0; s < keys; ++s) *out++ = s < length;
  }
  return mask;
}

// 12.1 mask_and  a, b (shapes that broadcast) -> the broadcast shape;  true where both are
// Hint: broadcast_shapes gives the shape; broadcast_strides and for_each_row in strided.hpp walk both masks together.
Mask mask_and(const Mask& a, const Mask& b) {
  const Shape shape = broadcast_shapes("mask_and", a.shape(), b.shape());
  const std::array strides{broadcast_strides(a.shape(), shape), broadcast_strides(b.shape(), shape)};
  const std::int64_t length = row_length(shape), step_a = row_step(strides[0]), step_b = row_step(strides[1]);
  const std::uint8_t* from_a = a.data().data();
  const std::uint8_t* from_b = b.data().data();
  Mask result(shape);
  std::uint8_t* out = result.mutable_data().data();
  for_each_row(shape, strides, [&](const auto& start) {
    for (std::int64_t i = 0; i < length; ++i) *out++ = from_a[start[0] + i * step_a] && from_b[start[1] + i * step_b];
  });
  return result;
}

}  // namespace rushlight
