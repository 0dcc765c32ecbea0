// magnitude.cpp: the smallest weights go.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "01_tensor/todo.hpp"
#include "17_compression/pruning.hpp"

namespace rushlight {
namespace {

void check_scores(const Array& scores, std::int64_t zeros) {
  if (zeros < 0 || zeros > scores.size()) {
    throw ValueError("mask_of_lowest: {} zeros among {} numbers; needs 0 to {}.",
                     {zeros, scores.size(), scores.size()});
  }
  for (const Real score : scores.data()) {
    if (std::isnan(score)) throw ValueError("mask_of_lowest: a score is NaN, which is neither low nor high.");
  }
}

void check_sparsity(double sparsity) {
  if (!(sparsity >= 0 && sparsity <= 1)) {
    throw ValueError("prune_by_magnitude: sparsity is {}, but it is a share: needs 0 to 1.", {sparsity});
  }
}

// All numbers of a weight, also those that are pruned already.
void check_numbers(const NamedTensors& weights) {
  for (const auto& [path, weight] : weights) {
    const Array host = weight.value().cpu();
    if (std::none_of(host.data().begin(), host.data().end(), [](Real x) { return std::isnan(x); })) continue;
    throw ValueError("prune_by_magnitude: '{}' holds NaN, which is neither large nor small.", {path});
  }
}

// solution helper
// |weight| where it stays, -1 where it is pruned already: below all that is left.
Array scores_of(const Array& weight, const Array& mask) {
  return where(greater(mask, zeros_like(mask)), abs(weight), full_like(weight, -1)).cpu();
}

std::int64_t pruned_in(const Array& mask) {
  const Array host = mask.cpu();
  return std::count(host.data().begin(), host.data().end(), Real{0});
}

// The mask for these scores: so much of them, and never less than was pruned before.
Array next_mask_of(const Array& scores, double sparsity, std::int64_t before) {
  const auto wanted = static_cast<std::int64_t>(std::llround(sparsity * static_cast<double>(scores.size())));
  return mask_of_lowest(scores, std::max(wanted, before));
}
// end solution

}  // namespace

// 17.2 mask_of_lowest  scores (any shape), how many zeros -> 0 at the lowest scores, 1 elsewhere
// Among equal scores the one that comes first goes first, so that the count is exact and every run gives the same.
// Hint: sort the places 0, 1, 2, ... by their scores, with std::stable_sort.
Array mask_of_lowest(const Array& scores, std::int64_t zeros) {
  check_scores(scores, zeros);
  // solution 17.2
  const auto values = scores.data();
  std::vector<std::int64_t> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) { return values[a] < values[b]; });
  Array mask = ones(scores.shape());
  const auto out = mask.mutable_data();
  for (std::int64_t i = 0; i < zeros; ++i) out[order[i]] = 0;
  return mask;
  // end solution
}

// 17.2 prune_by_magnitude  model, its masks, share of all weights -> masks with that share of zeros; then masks.apply
//   each: round(sparsity · size) zeros in every mask;  all: in all masks together, by one ranking of all weights
//   in the order of paths(). What is pruned stays pruned, whatever the weight there is by now.
// Hint: give what is pruned the score -1, below every magnitude. For `all`, concat the flattened scores, rank once, and
// cut the mask into pieces again.
void prune_by_magnitude(Module& model, Masks& masks, double sparsity, PruneScope scope) {
  check_sparsity(sparsity);
  const NamedTensors weights = parameters_at("prune_by_magnitude", model, masks.paths());
  check_numbers(weights);
  // solution 17.2
  Arrays flat;
  std::int64_t before = 0;
  for (const auto& [path, weight] : weights) {
    const Array scores = scores_of(weight.value(), masks.at(path));
    if (scope == PruneScope::each) {
      masks.set(path, next_mask_of(scores, sparsity, pruned_in(masks.at(path))).to(weight.device()));
    }
    flat.push_back(scores.with_shape({scores.size()}));
    before += pruned_in(masks.at(path));
  }
  if (scope == PruneScope::all && !flat.empty()) {
    const Array together = next_mask_of(concat(flat, 0), sparsity, before);
    std::int64_t start = 0;
    for (const auto& [path, weight] : weights) {
      const Array part = slice(together, 0, {.start = start, .stop = start + weight.size()});
      masks.set(path, part.with_shape(weight.shape()).to(weight.device()));
      start += weight.size();
    }
  }
  masks.apply(model);
  // end solution
}

}  // namespace rushlight
