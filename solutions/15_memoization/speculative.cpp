// speculative.cpp: rounds of proposals and verdicts.
#include "15_memoization/speculative.hpp"

#include <algorithm>

#include "01_tensor/todo.hpp"

namespace rushlight {
namespace {

bool is_stop(std::int32_t token, const GenerateOptions& options) {
  return std::find(options.stop.begin(), options.stop.end(), token) != options.stop.end();
}

// Every row (V) of the logits (n, V) through sampling_probabilities -> (n, V).
Array probabilities_of(const Array& logits, const SamplingOptions& sampling) {
  if (logits.dim(0) == 0) return logits;
  Arrays rows;
  for (std::int64_t i = 0; i < logits.dim(0); ++i) {
    const Array row = slice(logits, 0, {i, i + 1}).with_shape({logits.dim(1)});
    rows.push_back(sampling_probabilities(row, sampling).with_shape({1, logits.dim(1)}));
  }
  return concat(rows, 0);
}

}  // namespace

// 15.9 speculative_generate  target, draft, prompt -> the text and its counts
// A round, while `left` tokens are wanted: the draft makes min(proposals, left - 1) tokens, one after the other; the target
// scores text and proposals in one call; verify_draft decides; what stands and one token more join the text. A stop token
// ends it, and nothing stays behind it. Errors by check_prompt_and_count, and ValueError when proposals is below 1.
// Hint: target(text + proposals, n + 1) gives the n + 1 rows. Rejected proposals need no clean-up: a model with memory
// sees that the next text is another one.
SpeculativeText speculative_generate(const LogitsOfLast& target, const LogitsOfLast& draft, const Tokens& prompt,
                                     Generator& generator, const SpeculativeOptions& options) {
  check_prompt_and_count(prompt, options.generate.tokens);
  if (options.proposals < 1) throw ValueError("speculative: {} proposals a round; needs 1.", {options.proposals});
  SpeculativeText text{.tokens = prompt};
  // solution 15.9
  std::int64_t left = options.generate.tokens;
  while (left > 0) {
    const std::int64_t count = std::min(options.proposals, left - 1);
    Tokens ahead = text.tokens;
    Arrays rows;
    for (std::int64_t i = 0; i < count; ++i) {
      rows.push_back(probabilities_of(draft(ahead, 1), options.generate.sampling));
      ahead.push_back(sample(rows.back().with_shape({rows.back().dim(1)}), generator));
    }
    const Array p = probabilities_of(target(ahead, count + 1), options.generate.sampling);
    const Array q = count == 0 ? Array({0, p.dim(1)}) : concat(rows, 0);
    Tokens fresh(ahead.end() - count, ahead.end());
    const DraftVerdict verdict = verify_draft(fresh, q, p, generator);
    text.rounds += 1;
    text.proposed += count;
    text.accepted += verdict.accepted;
    fresh.resize(static_cast<std::size_t>(verdict.accepted));
    fresh.push_back(verdict.next);
    for (const std::int32_t token : fresh) {
      text.tokens.push_back(token);
      if (is_stop(token, options.generate)) return text;
      left -= 1;
    }
  }
  return text;
  // end solution
}

// 15.9 speculative_generate  two models, prompt -> the text and its counts
// check_prompt_and_count, and check_fits for both models; then the function above, with their logits().
// Hint: two lambdas.
SpeculativeText speculative_generate(MemoizedGPT& target, MemoizedGPT& draft, const Tokens& prompt,
                                     Generator& generator, const SpeculativeOptions& options) {
  check_prompt_and_count(prompt, options.generate.tokens);
  for (const MemoizedGPT* each : {&target, &draft}) {
    check_fits(each->model(), each->cache().options(), static_cast<std::int64_t>(prompt.size()),
               options.generate.tokens);
  }
  return speculative_generate([&](const Tokens& tokens, std::int64_t count) { return target.logits(tokens, count); },
                              [&](const Tokens& tokens, std::int64_t count) { return draft.logits(tokens, count); },
                              prompt, generator, options);
}

}  // namespace rushlight
