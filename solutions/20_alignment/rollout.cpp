// rollout.cpp: answers, drawn from the model as it is.
#include <algorithm>

#include "01_tensor/todo.hpp"
#include "05_autograd/autograd.hpp"
#include "13_transformers/sampling.hpp"
#include "20_alignment/grpo.hpp"
#include "20_alignment/sequences.hpp"

namespace rushlight {
namespace {  // solution

// ids (B, T) and a column (B) behind them.
Indices appended(const Indices& ids, const std::vector<std::int32_t>& column) {
  const std::int64_t batch = ids.shape()[0], tokens = ids.shape()[1];
  Indices longer(Shape{batch, tokens + 1});
  auto to = longer.mutable_data().begin();
  for (std::int64_t b = 0; b < batch; ++b) {
    to = std::ranges::copy(ids.data().subspan(static_cast<std::size_t>(b * tokens), static_cast<std::size_t>(tokens)),
                           to)
             .out;
    *to++ = column[static_cast<std::size_t>(b)];
  }
  return longer;
}

// One token for each text, from the last row of its logits (B, T, V).
std::vector<std::int32_t> drawn_tokens(const Array& logits, Generator& generator) {
  const Array last = slice(logits, 1, {.start = -1}).cpu();
  std::vector<std::int32_t> column;
  for (std::int64_t b = 0; b < last.dim(0); ++b) {
    const Array row = slice(last, 0, {b, b + 1}).with_shape({last.dim(2)});
    column.push_back(sample(sampling_probabilities(row), generator));
  }
  return column;
}

// (B, T): true from column `from` on.
Mask true_from(const Shape& shape, std::int64_t from) {
  Mask mask(shape);
  const auto values = mask.mutable_data();
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::int64_t>(i) % shape[1] >= from;
  return mask;
}

}  // namespace

// 20.9 rollout  model, prompts (B, P), tokens, generator -> ids (B, P + tokens), mask, logprobs (B, P + tokens - 1)
// Each round: the logits of all texts so far, then one token for each text, in order; sampling_probabilities of the
// last row and sample, of module 13. ShapeError unless prompts are (B, P), P >= 1; ValueError when tokens < 1.
// Hint: NoGrad first. The logprobs come from one more forward pass over the whole texts: token_logprobs.
Rollout rollout(const LanguageModel& model, const Indices& prompts, std::int64_t tokens, Generator& generator) {
  const Shape& shape = prompts.shape();
  if (shape.rank() != 2 || shape[1] < 1) throw ShapeError("rollout: prompts are {}: needs (B, P), P >= 1.", {shape});
  if (tokens < 1) throw ValueError("rollout: tokens is {}, but must be at least 1.", {tokens});
  const NoGrad no_graph;
  Indices ids = prompts.to(Device::cpu);
  for (std::int64_t i = 0; i < tokens; ++i) {
    ids = appended(ids, drawn_tokens(model(ids.to(prompts.device())).logits.value(), generator));
  }
  const Mask mask = true_from(ids.shape(), shape[1]);
  const Indices there = ids.to(prompts.device());
  return {.ids = there, .mask = mask, .logprobs = token_logprobs(model(there).logits, there, mask).value()};
}

}  // namespace rushlight
