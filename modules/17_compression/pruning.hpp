// pruning.hpp: which weights go. Small ones, in the hope that what is multiplied by a small number matters little
// (LeCun and others asked for more in 1989; Han and others, 2015, showed that size alone does well).
#pragma once

#include "17_compression/masks.hpp"

namespace rushlight {

// --- 17.2 by magnitude (magnitude.cpp) -----------------------------------------------------------------------------

// scores (any shape) -> 0 at the `zeros` lowest scores, 1 elsewhere; among equal scores the one that comes first goes
// first. Throws ValueError for a NaN among the scores, and unless 0 <= zeros <= scores.size().
Array mask_of_lowest(const Array& scores, std::int64_t zeros);

enum class PruneScope {
  each,  // every weight loses the same share
  all    // one ranking for all weights together: a layer of small numbers loses more
};

// Afterwards so much of each weight (or of all together) is pruned: round(sparsity · its size) numbers (of a half, one
// more), the smallest in magnitude. What was pruned stays pruned and counts; where more is pruned than asked for,
// nothing changes. The weights' own zeros are written, too (Masks::apply). Throws ValueError unless 0 <= sparsity <= 1,
// and for a weight that holds NaN, be it where something is pruned already. Nothing has changed then.
// Difference from torch.nn.utils.prune: there an amount is the share of what is not yet pruned; here it is the share of
// the whole, so that a schedule reads as it sounds.
void prune_by_magnitude(Module& model, Masks& masks, double sparsity, PruneScope scope = PruneScope::each);

// As its name says, for a model that brings its masks along. Given.
template <class Model>
void prune_by_magnitude(Pruned<Model>& pruned, double sparsity, PruneScope scope = PruneScope::each) {
  prune_by_magnitude(pruned.model, pruned.masks, sparsity, scope);
}

// --- 17.3 patterns and schedules (patterns.cpp) --------------------------------------------------------------------

// weight (..., I) -> a mask of its shape in which, of every m neighbours along the last axis, the n largest in
// magnitude stay; among equals the one that comes first stays. With 2 of 4, hardware can keep two numbers and two 2-bit
// places for every four (Mishra and others, 2021). Throws ShapeError unless m divides I, ValueError unless 0 < n <= m
// and for NaN.
Array n_of_m_mask(const Array& weight, std::int64_t n, std::int64_t m);

// Sets that mask for every weight of `masks`, whatever it was before, and applies it. A weight of more than two axes is
// looked at as (its first axis, all others). Throws as above; then no mask has changed.
void prune_n_of_m(Module& model, Masks& masks, std::int64_t n, std::int64_t m);

// How much is to be pruned after so many steps: quickly at first, while there is much to spare, then ever slower.
// Step `begin` and before: `first`; from step `end` on: `last`; between them
//   last + (first - last)·(1 - (step - begin)/(end - begin))³
// Source: Zhu and Gupta, "To prune, or not to prune", 2017.
struct SparsitySchedule {
  double first = 0;
  double last = 0.9;
  std::int64_t begin = 0;
  std::int64_t end = 100;   // greater than begin
  std::int64_t every = 10;  // prune only at begin, begin + every, ...; and at end. At least 1

  // Throws ValueError for numbers out of range: 0 <= first <= last <= 1, begin < end, every >= 1. Given.
  void check() const;
  double at(std::int64_t step) const;       // throws as check() does
  bool prunes_at(std::int64_t step) const;  // throws as check() does
};

}  // namespace rushlight
