// log_space.cpp: probabilities as logarithms. What is tiny stays exact there, and what is huge stays finite.
#include <algorithm>
#include <numeric>

#include "01_tensor/todo.hpp"
#include "04_losses/losses.hpp"
#include "20_alignment/distillation.hpp"

namespace rushlight {

// 20.3 log_sigmoid  x -> same shape;  -log(1 + e⁻ˣ), exact for any finite x
// Hint: bce_with_logits_loss with a target of 1 and no reduction is softplus(-x); what is the sign?
Tensor log_sigmoid(const Tensor& x) {
  todo("20.3");
}

// 20.3 logaddexp  a, b (broadcast) -> log(eᵃ + eᵇ) = max(a, b) + log(1 + e^-|a-b|)
// Hint: the second summand is a log_sigmoid. At a = b the rules of maximum and abs give each side its half.
Tensor logaddexp(const Tensor& a, const Tensor& b) {
  todo("20.3");
}

// 20.3 kl_elements  log p, log q (same shape) -> same shape;  p·(log p - log q)
// Hint: where p has become 0, log p is still finite, and 0 times that is 0.
Tensor kl_elements(const Tensor& log_p, const Tensor& log_q) {
  todo("20.3");
}

// 20.3 top_k_indices  logits (..., V), k -> (..., min(k, V)), places of the largest, of equals the lower first
// ValueError that names top_k when k < 1. Hint: sort places, not numbers, a row at a time; std::ranges::partial_sort
// puts the first few in order and leaves the rest.
Indices top_k_indices(const Array& logits, std::int64_t k) {
  todo("20.3");
}

}  // namespace rushlight
