// patterns.cpp: zeros that hardware likes, and how many of them when.
#include <algorithm>
#include <cmath>

#include "01_tensor/todo.hpp"
#include "17_compression/pruning.hpp"

namespace rushlight {
namespace {

void check_pattern(const Shape& weight, std::int64_t n, std::int64_t m) {
  if (n < 1 || n > m) throw ValueError("n_of_m_mask: {} of {} cannot stay; needs 1 <= n <= m.", {n, m});
  if (weight.rank() == 0 || weight[weight.rank() - 1] % m != 0) {
    throw ShapeError("n_of_m_mask: weight is {}, and its last axis does not split into runs of {}.", {weight, m});
  }
}

Shape as_rows(const Array& weight) { return {weight.dim(0), weight.dim(0) == 0 ? 0 : weight.size() / weight.dim(0)}; }

}  // namespace

// 17.3 n_of_m_mask  weight (..., I) -> 1 at the n largest in magnitude of every m neighbours, 0 elsewhere
// Hint: as (runs, m), each row is a task for mask_of_lowest(…, m - n); it lets the first of equals go, though, and here
// the first should stay: hand it the row backwards.
Array n_of_m_mask(const Array& weight, std::int64_t n, std::int64_t m) {
  check_pattern(weight.shape(), n, m);
  todo("17.3");
}

// 17.3 prune_n_of_m  model, its masks -> n_of_m_mask of every weight, a convolution's as (O, C·KH·KW); then masks.apply
// All or nothing: when one weight does not fit, none has changed.
// Hint: first all masks, then all set().
void prune_n_of_m(Module& model, Masks& masks, std::int64_t n, std::int64_t m) {
  todo("17.3");
}

void SparsitySchedule::check() const {
  if (!(first >= 0 && first <= last && last <= 1)) {
    throw ValueError("SparsitySchedule: from {} to {}; needs 0 <= first <= last <= 1.", {first, last});
  }
  if (begin >= end || every < 1) {
    throw ValueError("SparsitySchedule: from step {} to {}, every {}; needs begin < end and every >= 1.",
                     {begin, end, every});
  }
}

// 17.3 SparsitySchedule::at  step -> last + (first - last)·(1 - (step - begin)/(end - begin))³, flat before and after
// Hint: clamp the fraction to 0..1, and both ends come by themselves. Divide as doubles.
double SparsitySchedule::at(std::int64_t step) const {
  check();
  todo("17.3");
}

// 17.3 SparsitySchedule::prunes_at  step -> whether it is begin, begin + every, begin + 2·every, ... up to end, or end
// Hint: before begin, % of a negative number would say yes now and then.
bool SparsitySchedule::prunes_at(std::int64_t step) const {
  check();
  todo("17.3");
}

}  // namespace rushlight
