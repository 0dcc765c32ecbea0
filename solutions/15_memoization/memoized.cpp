// memoized.cpp: a function of all tokens so far that remembers the most of them.
#include "15_memoization/memoized.hpp"

#include <algorithm>

#include "01_tensor/todo.hpp"
#include "05_autograd/autograd.hpp"
#include "15_memoization/speculative.hpp"

namespace rushlight {
namespace {

const KVCacheOptions& checked(const KVCacheOptions& options) {
  if (options.batch != 1 || !options.padding.empty()) {
    throw ValueError("MemoizedGPT: a batch of {} with padding for {}: it remembers one text, without padding.",
                     {options.batch, std::uint64_t{options.padding.size()}});
  }
  return options;
}

}  // namespace

MemoizedGPT::MemoizedGPT(GPT& model, const KVCacheOptions& options)
    : model_(&model), cache_(model.options(), checked(options)) {}

// 15.6 common_prefix  two texts -> the number of tokens at the beginning of both that are the same
// Hint: neither is read past its end.
std::int64_t common_prefix(const Tokens& a, const Tokens& b) {
  return std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin();
}

// 15.6 MemoizedGPT::logits  tokens, count -> (count, V), the logits after each of the last `count` tokens
// What is kept: the common prefix of remembered_ and tokens, but not the last `count` tokens, and nothing where the cache
// no longer reaches so far (KVCache::reaches). The model runs once, on the rest; the head only on the last `count` rows.
// ValueError unless 1 <= count <= tokens.size().
// Hint: cut the cache and remembered_ to what is kept before the model runs, so that both agree if it throws. NoGrad.
Array MemoizedGPT::logits(const Tokens& tokens, std::int64_t count) {
  const auto size = static_cast<std::int64_t>(tokens.size());
  if (count < 1 || count > size) throw ValueError("MemoizedGPT: the last {} of {} tokens.", {count, size});
  // solution 15.6
  std::int64_t kept = std::min(common_prefix(remembered_, tokens), size - count);
  if (!cache_.reaches(kept)) kept = 0;
  cache_.truncate(kept);
  remembered_.resize(static_cast<std::size_t>(kept));
  const NoGrad no_grad;
  const Indices rest({1, size - kept}, {tokens.begin() + kept, tokens.end()});
  const Tensor features = cached_features(*model_, rest, cache_);
  const Tensor logits = model_->unembed(slice(features, 1, {.start = -count}));
  remembered_ = tokens;
  return logits.value().with_shape({count, logits.dim(2)});
  // end solution
}

// 15.6 generate  memory, prompt -> prompt and new tokens
// Errors by check_prompt_and_count and check_fits (speculative.hpp), before anything runs.
// Hint: generate() of 13.9 takes any function from tokens to the logits (V) of the next. You have one that remembers.
Tokens generate(MemoizedGPT& memory, const Tokens& prompt, Generator& generator, const GenerateOptions& options) {
  check_prompt_and_count(prompt, options.tokens);
  check_fits(memory.model(), memory.cache().options(), static_cast<std::int64_t>(prompt.size()), options.tokens);
  // solution 15.6
  const std::int64_t vocabulary = memory.model().options().vocabulary;
  const NextLogits next = [&](const Tokens& tokens) { return memory.logits(tokens).with_shape({vocabulary}); };
  return generate(next, prompt, generator, options);
  // end solution
}

}  // namespace rushlight
