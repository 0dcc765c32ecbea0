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

}  // namespace

// 17.2 mask_of_lowest  scores (any shape), how many zeros -> 0 at the lowest scores, 1 elsewhere
// Among equal scores the one that comes first goes first, so that the count is exact and every run gives the same.
// Hint: sort the places 0, 1, 2, ... by their scores, with std::stable_sort.
Array mask_of_lowest(const Array& scores, std::int64_t zeros) {
  check_scores(scores, zeros);
  todo("17.2");
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
  todo("17.2");
}

}  // namespace rushlight
