// verify_draft.cpp: which proposals of a small model a large one may keep, so that nobody can tell it was there.
#include "01_tensor/todo.hpp"
#include "15_memoization/speculative.hpp"

namespace rushlight {
namespace {

// Row i of a matrix (n, V) as an Array (V).
Array row_of(const Array& matrix, std::int64_t i) { return slice(matrix, 0, {i, i + 1}).with_shape({matrix.dim(1)}); }

}  // namespace

// 15.8 verify_draft  n ids, draft (n, V), target (n + 1, V) -> how many stand, and the token after them
// Proposal x_i stands with probability min(1, p_i(x_i)/q_i(x_i)), q the draft, p the target. At the first that falls, the
// next token comes from max(0, p_i - q_i), scaled to a sum of 1; if none falls, from p_n. Errors by check_draft.
// Hint: with u = generator.uniform(), x stands when u·q(x) < p(x): nothing is divided. row_of is above, sample() in 13.8.
DraftVerdict verify_draft(const Tokens& proposed, const Array& draft, const Array& target, Generator& generator) {
  check_draft(proposed, draft, target);
  todo("15.8");
}

}  // namespace rushlight
