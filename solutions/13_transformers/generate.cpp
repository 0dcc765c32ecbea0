// generate.cpp: token after token.
#include <algorithm>

#include "01_tensor/todo.hpp"
#include "05_autograd/autograd.hpp"
#include "13_transformers/sampling.hpp"

namespace rushlight {
namespace {

void check_prompt(const std::vector<std::int32_t>& prompt, std::int64_t vocabulary) {
  for (std::size_t i = 0; i < prompt.size(); ++i) {
    if (prompt[i] >= 0 && prompt[i] < vocabulary) continue;
    throw IndexError("generate: token {} of the prompt has the id {}, but ids are 0..{}.",
                     {i, prompt[i], vocabulary - 1});
  }
}

}  // namespace

// 13.9 generate  next, prompt -> the prompt and up to options.tokens more
// Each round: logits of all tokens so far, sampling_probabilities, one id; it ends after a stop token, which is kept.
// ValueError for an empty prompt, or when options.tokens is negative. At temperature 0 nothing is drawn.
// Hint: at temperature 0 the probabilities have a single 1; argmax finds it.
std::vector<std::int32_t> generate(const NextLogits& next, const std::vector<std::int32_t>& prompt,
                                   Generator& generator, const GenerateOptions& options) {
  if (prompt.empty()) throw ValueError("generate: the prompt is empty; give it at least one token to follow.");
  if (options.tokens < 0) throw ValueError("generate: {} new tokens cannot be made.", {options.tokens});
  std::vector<std::int32_t> tokens = prompt;
  for (std::int64_t i = 0; i < options.tokens; ++i) {
    const Array probabilities = sampling_probabilities(next(tokens), options.sampling);
    const bool greedy = options.sampling.temperature == 0;
    tokens.push_back(greedy ? argmax(probabilities).data()[0] : sample(probabilities, generator));
    if (std::find(options.stop.begin(), options.stop.end(), tokens.back()) != options.stop.end()) break;
  }
  return tokens;
}

// 13.9 next_logits  model, tokens -> (V), the logits after the last token
// The model sees the last `context` tokens. The head, the largest matrix of a small model, is only asked about the last
// place: unembed of the last row of features().
// Hint: slice(x, 1, {-1}) leaves the last row, (1, 1, D).
Tensor next_logits(GPT& model, const std::vector<std::int32_t>& tokens) {
  const auto seen = std::min(static_cast<std::int64_t>(tokens.size()), model.options().context);
  const std::vector<std::int32_t> tail(tokens.end() - seen, tokens.end());
  const Tensor last = slice(model.features(Indices({1, seen}, tail)), 1, {.start = -1});
  return reshape(model.unembed(last), {model.options().vocabulary});
}

// 13.9 generate  with a GPT: in evaluation mode, without a graph
// Hint: EvaluationMode and NoGrad on the stack, check_prompt, and the generate above with next_logits.
std::vector<std::int32_t> generate(GPT& model, const std::vector<std::int32_t>& prompt, Generator& generator,
                                   const GenerateOptions& options) {
  check_prompt(prompt, model.options().vocabulary);
  const EvaluationMode evaluation(model);
  const NoGrad no_grad;
  return generate([&model](const std::vector<std::int32_t>& tokens) { return next_logits(model, tokens).value(); },
                  prompt, generator, options);
}

}  // namespace rushlight
