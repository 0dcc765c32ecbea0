#include "13_transformers/gpt.hpp"

#include "04_losses/losses.hpp"
#include "06_optimizers/adam.hpp"
#include "10_tokenization/tokenizer.hpp"
#include "naive/naive.hpp"

namespace rushlight::naive {
namespace {

constexpr std::int64_t context = 16, rows = 8;

std::string rhyme() {
  std::string text;
  while (text.size() < 2000) text += "one for sorrow, two for joy, three for a girl, four for a boy. ";
  return text;
}

// Neighbouring stretches of the text, and the same a token later.
struct Lines {
  Indices inputs, labels;
};

Lines lines(const TokenIds& ids, std::int64_t start) {
  Lines made{Indices({rows, context}), Indices({rows, context})};
  for (std::int64_t i = 0; i < rows * context; ++i) {
    const auto at = static_cast<std::size_t>(start + i) % (ids.size() - 1);
    made.inputs.mutable_data()[i] = ids[at];
    made.labels.mutable_data()[i] = ids[at + 1];
  }
  return made;
}

}  // namespace

Seen train_gpt() {
  Generator random(1);
  const std::string text = rhyme();
  const BpeTokenizer tokenizer = BpeTokenizer::train(text, {.vocabulary_size = 280});
  const TokenIds ids = tokenizer.encode(text);
  GPT model({.vocabulary = tokenizer.vocabulary_size(),
             .context = context,
             .width = 32,
             .layers = 2,
             .heads = 4,
             .dropout = 0.1},
            random);
  AdamW optimizer(model.parameters(), {.lr = 3e-3});
  Seen seen;
  for (int i = 0; i < 30; ++i) {
    const Lines batch = lines(ids, 37 * i);
    step(optimizer, cross_entropy(model(batch.inputs), batch.labels), seen);
  }
  seen.without_gradient = without_gradient(model);
  return seen;
}

}  // namespace rushlight::naive
