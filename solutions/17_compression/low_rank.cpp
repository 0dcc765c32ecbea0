// low_rank.cpp: as few terms as will do.
// Letters: O outputs, I inputs, r rank, K = min(O, I).
#include "17_compression/low_rank.hpp"

#include <algorithm>
#include <cmath>

#include "01_tensor/todo.hpp"

namespace rushlight {
namespace {

void check_rank(const char* who, std::int64_t rank, std::int64_t least, std::int64_t most) {
  if (rank < least || rank > most) throw ValueError("{}: rank {} is not within {} to {}.", {who, rank, least, most});
}

void check_energy(const Array& s, double energy) {
  if (s.size() < 1) throw ValueError("rank_for_energy: there is no singular value.");
  if (!(energy >= 0 && energy <= 1)) {
    throw ValueError("rank_for_energy: energy is {}, but it is a share: needs 0 to 1.", {energy});
  }
}

// solution helper
Linear made_of(const Array& weight, const Tensor& bias) {
  Generator unused;
  Linear layer({.in = weight.dim(1), .out = weight.dim(0), .bias = bias.defined()}, unused);
  layer.weight.set_value(weight);
  if (bias.defined()) layer.bias.set_value(bias.value().clone());
  return layer;
}
// end solution

}  // namespace

// 17.5 tail  s (K), rank -> √Σ s_i² over i >= rank, added up in double
// Hint: the smallest are the ones that a float sum would lose.
double tail(const Array& s, std::int64_t rank) {
  check_rank("tail", rank, 0, s.size());
  // solution 17.5
  double total = 0;
  for (std::int64_t i = s.size() - 1; i >= rank; --i) {
    const double value = s.data()[i];
    total += value * value;
  }
  return std::sqrt(total);
  // end solution
}

// 17.5 rank_for_energy  s (K), share -> the smallest r >= 1 with Σ_{i < r} s² >= share · Σ s²
// Energy is the square of a singular value. A matrix of zeros has rank 1 here.
// Hint: walk from the first and stop as soon as it is enough; K is always enough, whatever rounding says.
std::int64_t rank_for_energy(const Array& s, double energy) {
  check_energy(s, energy);
  // solution 17.5
  double all = 0, held = 0;
  for (const Real value : s.data()) all += static_cast<double>(value) * value;
  for (std::int64_t rank = 1; rank < s.size(); ++rank) {
    const double value = s.data()[rank - 1];
    held += value * value;
    if (held >= energy * all) return rank;
  }
  return s.size();
  // end solution
}

// 17.5 rank_for_budget  (O, I), numbers -> the largest r with r·(O + I) <= numbers, at most min(O, I)
// Hint: one division.
std::int64_t rank_for_budget(const Shape& weight, std::int64_t numbers) {
  if (weight.rank() != 2) throw ShapeError("rank_for_budget: {} is no matrix.", {weight});
  const std::int64_t each = weight[0] + weight[1];
  if (each < 1 || numbers < each) {
    throw ValueError("rank_for_budget: rank 1 of {} takes {} numbers, more than {}.", {weight, each, numbers});
  }
  // solution 17.5
  return std::min({numbers / each, weight[0], weight[1]});
  // end solution
}

// 17.5 factors_of  u (O, K), s (K), vt (K, I), r -> left (O, r) = u·√s, right (r, I) = √s·vt, of the first r terms
// Hint: slice three times; √s broadcasts over the rows of u by itself, and over the columns of vt as (r, 1).
Factors factors_of(const Svd& parts, std::int64_t rank) {
  check_rank("factors_of", rank, 1, parts.s.size());
  // solution 17.5
  const Array roots = sqrt(slice(parts.s, 0, {.stop = rank}));
  return {slice(parts.u, 1, {.stop = rank}) * roots, roots.with_shape({rank, 1}) * slice(parts.vt, 0, {.stop = rank})};
  // end solution
}

// 17.5 factored  layer, r -> Sequential of (r, I) without bias and (O, r) with the layer's
// Hint: x·(L·R)ᵀ = (x·Rᵀ)·Lᵀ: the right factor comes first. A Linear's weight is (out, in), and set_value fills it.
Sequential factored(const Linear& layer, std::int64_t rank) {
  const Factors factors = factors_of(svd(layer.weight.value()), rank);
  Sequential both;
  both.add(made_of(factors.right, {})).add(made_of(factors.left, layer.bias));
  return both;
}

}  // namespace rushlight
