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
  return -bce_with_logits_loss(x, ones_like(x.value()), {.reduction = Reduction::none});
}

// 20.3 logaddexp  a, b (broadcast) -> log(eᵃ + eᵇ) = max(a, b) + log(1 + e^-|a-b|)
// Hint: the second summand is a log_sigmoid. At a = b the rules of maximum and abs give each side its half.
Tensor logaddexp(const Tensor& a, const Tensor& b) { return maximum(a, b) - log_sigmoid(abs(a - b)); }

// 20.3 kl_elements  log p, log q (same shape) -> same shape;  p·(log p - log q)
// Hint: where p has become 0, log p is still finite, and 0 times that is 0.
Tensor kl_elements(const Tensor& log_p, const Tensor& log_q) { return exp(log_p) * (log_p - log_q); }

namespace {  // solution

// The first `count` places of `row` in order: the larger number first, of equals the lower place.
std::vector<std::int32_t> largest_of(std::span<const Real> row, std::size_t count) {
  std::vector<std::int32_t> places(row.size());
  std::iota(places.begin(), places.end(), 0);
  const auto comes_first = [&](std::int32_t a, std::int32_t b) {
    const Real x = row[static_cast<std::size_t>(a)], y = row[static_cast<std::size_t>(b)];
    return x > y || (x == y && a < b);
  };
  std::ranges::partial_sort(places, places.begin() + static_cast<std::ptrdiff_t>(count), comes_first);
  places.resize(count);
  return places;
}

}  // namespace

// 20.3 top_k_indices  logits (..., V), k -> (..., min(k, V)), places of the largest, of equals the lower first
// ValueError that names top_k when k < 1. Hint: sort places, not numbers, a row at a time; std::ranges::partial_sort
// puts the first few in order and leaves the rest.
Indices top_k_indices(const Array& logits, std::int64_t k) {
  if (k < 1) throw ValueError("top_k_indices: top_k is {}, but must be at least 1.", {k});
  const Array here = logits.cpu();
  const std::int64_t width = logits.dim(-1), count = std::min(k, width);
  Shape shape = logits.shape();
  shape[shape.rank() - 1] = count;
  Indices places(shape);
  auto to = places.mutable_data().begin();
  for (std::int64_t start = 0; start < logits.size(); start += width) {
    const auto row = here.data().subspan(static_cast<std::size_t>(start), static_cast<std::size_t>(width));
    to = std::ranges::copy(largest_of(row, static_cast<std::size_t>(count)), to).out;
  }
  return places.to(logits.device());
}

}  // namespace rushlight
