// verify_draft.cpp: which proposals of a small model a large one may keep, so that nobody can tell it was there.
#include "01_tensor/todo.hpp"
#include "15_memoization/speculative.hpp"

namespace rushlight {
namespace {

// Row i of a matrix (n, V) as an Array (V).
Array row_of(const Array& matrix, std::int64_t i) { return slice(matrix, 0, {i, i + 1}).with_shape({matrix.dim(1)}); }

// solution helper
// What the draft proposes too rarely, as probabilities. Rounding may leave nothing; then both are the same.
Array residual(const Array& target, const Array& draft) {
  const Array missing = maximum(target - draft, Array::scalar(0));
  const Array total = sum(missing);
  return total.item() > 0 ? missing / total : target;
}
// end solution

}  // namespace

// 15.8 verify_draft  n ids, draft (n, V), target (n + 1, V) -> how many stand, and the token after them
// Proposal x_i stands with probability min(1, p_i(x_i)/q_i(x_i)), q the draft, p the target. At the first that falls, the
// next token comes from max(0, p_i - q_i), scaled to a sum of 1; if none falls, from p_n. Errors by check_draft.
// Hint: with u = generator.uniform(), x stands when u·q(x) < p(x): nothing is divided. row_of is above, sample() in 13.8.
DraftVerdict verify_draft(const Tokens& proposed, const Array& draft, const Array& target, Generator& generator) {
  check_draft(proposed, draft, target);
  // solution 15.8
  const auto count = static_cast<std::int64_t>(proposed.size());
  for (std::int64_t i = 0; i < count; ++i) {
    const Array p = row_of(target, i), q = row_of(draft, i);
    const auto x = static_cast<std::size_t>(proposed.data()[i]);
    if (generator.uniform() * static_cast<double>(q.data()[x]) < static_cast<double>(p.data()[x])) continue;
    return {.accepted = i, .next = sample(residual(p, q), generator)};
  }
  return {.accepted = count, .next = sample(row_of(target, count), generator)};
  // end solution
}

}  // namespace rushlight
