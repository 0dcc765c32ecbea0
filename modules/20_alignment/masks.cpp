// masks.cpp: what counts, and what must leave no trace.
#include <algorithm>

#include "01_tensor/todo.hpp"
#include "04_losses/losses.hpp"
#include "20_alignment/sequences.hpp"

namespace rushlight {

// 20.2 count_true  mask -> how many places are true, which is every number but 0
// Hint: the mask may lie on any device; to(Device::cpu) before you look.
std::int64_t count_true(const Mask& mask) {
  todo("20.2");
}

// 20.2 keep_tokens  logits (B, T, V), mask (B, T) -> the logits, 0 in rows that do not count
// An undefined mask leaves everything as it is. ShapeError by check_logits and check_mask.
// Hint: where() selects, and so does its rule: what is not chosen gets a gradient of exactly 0, even behind a NaN. 0 times
// NaN would be NaN. with_shape gives the mask its third axis.
Tensor keep_tokens(const Tensor& logits, const Mask& mask) {
  todo("20.2");
}

// 20.2 masked_mean  tokens (B, T), mask (B, T) -> scalar;  Σ over what counts / max(1, how many count)
// An undefined mask: all of them. ShapeError by check_mask.
// Hint: select, sum, divide. The 1 makes an empty mask give 0/1.
Tensor masked_mean(const Tensor& tokens, const Mask& mask) {
  todo("20.2");
}

}  // namespace rushlight
