// batch.cpp: several texts, one matrix.
#include "15_memoization/batch.hpp"

#include <algorithm>

#include "01_tensor/todo.hpp"
#include "05_autograd/autograd.hpp"
#include "15_memoization/speculative.hpp"

namespace rushlight {
namespace {

std::int64_t longest_of(const std::vector<Tokens>& texts) {
  std::size_t longest = 0;
  for (const Tokens& text : texts) longest = std::max(longest, text.size());
  return static_cast<std::int64_t>(longest);
}

bool is_stop(std::int32_t token, const GenerateOptions& options) {
  return std::find(options.stop.begin(), options.stop.end(), token) != options.stop.end();
}

}  // namespace

// 15.7 pad_left  texts -> ids (B, T) with zeros in front of shorter texts, and how many
// ValueError when there is no text, or one is empty.
// Hint: row b begins at b·T; its text begins padding[b] places later.
PaddedBatch pad_left(const std::vector<Tokens>& texts) {
  const bool empty = std::any_of(texts.begin(), texts.end(), [](const Tokens& text) { return text.empty(); });
  if (texts.empty() || empty) throw ValueError("pad_left: there is no text, or one is empty.");
  todo("15.7");
}

// 15.7 generate_batch  prompts -> each with up to options.tokens new ones
// Each round: one pass for all rows; then each row that has not ended takes its token, in order. A row that has ended
// stays in the matrix, with any id, and its text no longer grows. When all have ended, it is over.
// Errors by check_prompt_and_count for every prompt and check_fits for the longest.
// Hint: the first pass takes the whole padded matrix, every later one a column (B, 1). NoGrad, and the head for the last
// column alone: unembed of the last row of cached_features.
std::vector<Tokens> generate_batch(GPT& model, const std::vector<Tokens>& prompts, Generator& generator,
                                   const GenerateOptions& options, const KVCacheOptions& cache_options) {
  const PaddedBatch batch = pad_left(prompts);
  for (const Tokens& prompt : prompts) check_prompt_and_count(prompt, options.tokens);
  check_fits(model, cache_options, longest_of(prompts), options.tokens);
  todo("15.7");
}

}  // namespace rushlight
