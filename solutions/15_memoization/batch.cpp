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

// solution helper
std::int32_t choose(const Array& logits, Generator& generator, const SamplingOptions& sampling) {
  const Array probabilities = sampling_probabilities(logits, sampling);
  return sampling.temperature == 0 ? argmax(probabilities).data()[0] : sample(probabilities, generator);
}

// ids (B, T) -> the logits (B, V) after the last column.
Array next_of_all(GPT& model, const Indices& ids, KVCache& cache) {
  const Tensor last = slice(cached_features(model, ids, cache), 1, {.start = -1});
  return model.unembed(last).value().with_shape({ids.shape()[0], model.options().vocabulary});
}
// end solution

}  // namespace

// 15.7 pad_left  texts -> ids (B, T) with zeros in front of shorter texts, and how many
// ValueError when there is no text, or one is empty.
// Hint: row b begins at b·T; its text begins padding[b] places later.
PaddedBatch pad_left(const std::vector<Tokens>& texts) {
  const bool empty = std::any_of(texts.begin(), texts.end(), [](const Tokens& text) { return text.empty(); });
  if (texts.empty() || empty) throw ValueError("pad_left: there is no text, or one is empty.");
  // solution 15.7
  const std::int64_t longest = longest_of(texts);
  PaddedBatch batch{.ids = Indices(Shape{static_cast<std::int64_t>(texts.size()), longest}), .padding = {}};
  std::int32_t* row = batch.ids.mutable_data().data();
  for (const Tokens& text : texts) {
    batch.padding.push_back(longest - static_cast<std::int64_t>(text.size()));
    std::copy(text.begin(), text.end(), row + batch.padding.back());
    row += longest;
  }
  return batch;
  // end solution
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
  // solution 15.7
  const NoGrad no_grad;
  const std::int64_t rows = batch.ids.shape()[0];
  KVCacheOptions padded = cache_options;
  padded.batch = rows;
  padded.padding = batch.padding;
  KVCache cache(model.options(), padded);
  std::vector<Tokens> texts = prompts;
  std::vector<bool> ended(prompts.size(), false);
  Indices ids = batch.ids;
  for (std::int64_t i = 0; i < options.tokens && std::count(ended.begin(), ended.end(), false) > 0; ++i) {
    const Array logits = next_of_all(model, ids, cache);
    ids = Indices(Shape{rows, 1});
    for (std::size_t row = 0; row < texts.size(); ++row) {
      if (ended[row]) continue;
      const auto at = static_cast<std::int64_t>(row);
      const Array mine = slice(logits, 0, {at, at + 1}).with_shape({logits.dim(1)});
      texts[row].push_back(choose(mine, generator, options.sampling));
      ids.mutable_data()[row] = texts[row].back();
      ended[row] = is_stop(texts[row].back(), options);
    }
  }
  return texts;
  // end solution
}

}  // namespace rushlight
