// checks.cpp: given. What must hold before anything runs.
#include "15_memoization/speculative.hpp"

namespace rushlight {

void MemoizedGPT::clear() {
  cache_.truncate(0);
  remembered_.clear();
}

void check_prompt_and_count(const Tokens& prompt, std::int64_t tokens) {
  if (prompt.empty()) throw ValueError("generate: a prompt is empty; give it at least one token to follow.");
  if (tokens < 0) throw ValueError("generate: {} new tokens cannot be made.", {tokens});
}

void check_fits(const GPT& model, const KVCacheOptions& options, std::int64_t prompt, std::int64_t tokens) {
  if (model.options().positions == Positions::rotary && options.window > 0) return;
  const std::int64_t needed = prompt + tokens - 1;  // nobody asks what comes after the last one
  if (needed <= model.options().context) return;
  throw ValueError(
      "generate: a prompt of {} and {} new tokens need {} positions, and the context has {}. Take fewer, use rotary "
      "positions with a window, or generate() of 13.9, which computes everything anew.",
      {prompt, tokens, needed, model.options().context});
}

void check_draft(const Tokens& proposed, const Array& draft, const Array& target) {
  const auto n = static_cast<std::int64_t>(proposed.size());
  const bool fits = target.rank() == 2 && target.dim(0) == n + 1 && target.dim(1) > 0;
  if (!fits || draft.shape() != Shape{n, target.dim(1)}) {
    throw ShapeError("verify_draft: {} proposals, draft {} and target {} do not fit: needs n, (n, V) and (n + 1, V).",
                     {n, draft.shape(), target.shape()});
  }
  for (const std::int32_t id : proposed) {
    if (id < 0 || id >= target.dim(1)) {
      throw IndexError("verify_draft: the proposal {} is outside 0..{}.", {id, target.dim(1) - 1});
    }
  }
}

}  // namespace rushlight
