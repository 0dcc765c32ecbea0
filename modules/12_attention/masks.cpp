// masks.cpp: who may look at whom. true = may attend. The masks are made here and applied in apply_mask.cpp.
#include "01_tensor/strided.hpp"
#include "01_tensor/todo.hpp"
#include "12_attention/attention.hpp"

namespace rushlight {

// 12.1 causal_mask  T, S -> (T, S);  [t, s] is true when s <= t + (S - T)
// Throws ShapeError when a size is negative.
// Hint: two loops. Mind the case S = T first; then the last query must still see the last key.
Mask causal_mask(std::int64_t queries, std::int64_t keys) {
  todo("12.1");
}

// 12.1 padding_mask  lengths (B), S -> (B, 1, 1, S);  [b, 0, 0, s] is true when s < lengths[b]
// Throws ShapeError unless lengths has rank 1 and S >= 0, ValueError that names a length outside 0..S.
// Hint: the two axes of size 1 broadcast over heads and queries.
Mask padding_mask(const Indices& lengths, std::int64_t keys) {
  todo("12.1");
}

// 12.1 mask_and  a, b (shapes that broadcast) -> the broadcast shape;  true where both are
// Hint: broadcast_shapes gives the shape; broadcast_strides and for_each_row in strided.hpp walk both masks together.
Mask mask_and(const Mask& a, const Mask& b) {
  todo("12.1");
}

}  // namespace rushlight
