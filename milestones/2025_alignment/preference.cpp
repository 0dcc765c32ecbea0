#include "2025_alignment/preference.hpp"

#include <algorithm>

#include "05_autograd/autograd.hpp"
#include "06_optimizers/adam.hpp"
#include "07_training/clip.hpp"
#include "20_alignment/compose.hpp"

namespace rushlight::alignment {
namespace {

constexpr std::int64_t length = milestone::Writer::context;
constexpr std::int64_t stride = 16;     // characters between the beginnings of two windows
constexpr std::int64_t batch = 16;      // pairs a step, and as many windows of ordinary text
constexpr double tolerance = 1;         // nats by which the two of a pair may differ, over the whole window
constexpr std::int64_t written = 1000;  // characters that the model writes for word_length

// What the model is measured on; it never learns from it.
struct HeldOut {
  StylePairs pairs;
  StylePairs unmatched;  // windows of both styles as they come
  Indices neutral;
};

StylePairs pairs_of(milestone::Writer& writer, const TokenIds& ids, const Style& style) {
  StylePairs pairs = style_pairs(writer.model(), ids, style);
  if (pairs.chosen.size() == 0) {
    throw ValueError("learn_preference: {} characters hold no two windows that the model finds equally likely.",
                     {ids.size()});
  }
  return pairs;
}

HeldOut held_out(milestone::Writer& writer) {
  const TokenIds& ids = writer.validation_ids();
  const Style style = thirds(ids, writer.tokenizer(), length, stride);
  const Indices chosen = texts_at(ids, style.short_words, length), rejected = texts_at(ids, style.long_words, length);
  std::vector<std::int64_t> rows;
  for (std::int64_t row = 0; row < std::min(chosen.shape()[0], rejected.shape()[0]); ++row) rows.push_back(row);
  return {.pairs = pairs_of(writer, ids, style),
          .unmatched = {rows_of(chosen, rows), rows_of(rejected, rows), {}, {}},
          .neutral = texts_at(ids, style.neutral, length)};
}

double written_word_length(milestone::Writer& writer) { return word_length(writer.write("The ", written, 1.0)); }

ComposeBatch batch_of(const StylePairs& pairs, const TokenIds& text, Generator& random) {
  const std::vector<std::int64_t> rows = draw(batch, pairs.chosen.shape()[0], random);
  const Mask all = everywhere({batch, length});
  return {.input_ids = texts_at(text, draw(batch, std::ssize(text) - length, random), length),
          .response_mask = all,
          .dpo_chosen_input_ids = rows_of(pairs.chosen, rows),
          .dpo_rejected_input_ids = rows_of(pairs.rejected, rows),
          .dpo_chosen_response_mask = all,
          .dpo_rejected_response_mask = all,
          .dpo_chosen_ref_logprobs = rows_of(pairs.chosen_reference, rows),
          .dpo_rejected_ref_logprobs = rows_of(pairs.rejected_reference, rows)};
}

void train(milestone::Writer& writer, const StylePairs& pairs, std::int64_t steps, Generator& random,
           const OnStep& on_step) {
  AdamW optimizer(writer.model().parameters(), {.lr = 3e-4, .betas = {0.9, 0.99}, .weight_decay = 0});
  for (std::int64_t step = 1; step <= steps; ++step) {
    optimizer.zero_grad();
    const ComposedLoss loss = compose_loss(writer.model(), batch_of(pairs, writer.train_ids(), random),
                                           {.beta_replay = 0.3, .dpo_beta = 0.5});
    loss.total.backward();
    clip_grad_norm(optimizer.parameters(), 1.0);
    optimizer.step();
    on_step(step, loss.trace_replay_dpo.item());
  }
}

}  // namespace

StylePairs style_pairs(GPT& model, const TokenIds& ids, const Style& style) {
  const Indices chosen = texts_at(ids, style.short_words, length), rejected = texts_at(ids, style.long_words, length);
  const Array p = log_probabilities(model, chosen), q = log_probabilities(model, rejected);
  std::vector<std::int64_t> lefts, rights;
  for (const Pair& pair : matched(p.data(), q.data(), tolerance)) {
    lefts.push_back(pair.chosen);
    rights.push_back(pair.rejected);
  }
  return {rows_of(chosen, lefts), rows_of(rejected, rights), rows_of(p, lefts), rows_of(q, rights)};
}

StylePairs swapped_at_random(const StylePairs& pairs, Generator& random) {
  const std::int64_t count = pairs.chosen.shape()[0], width = pairs.chosen.shape()[1];
  StylePairs swapped{Indices(pairs.chosen.shape()), Indices(pairs.chosen.shape()), Array({count}), Array({count})};
  for (std::int64_t row = 0; row < count; ++row) {
    const bool is_swapped = random.below(2) == 1;
    const Indices &first = is_swapped ? pairs.rejected : pairs.chosen,
                  &second = is_swapped ? pairs.chosen : pairs.rejected;
    std::copy_n(first.data().begin() + row * width, width, swapped.chosen.mutable_data().begin() + row * width);
    std::copy_n(second.data().begin() + row * width, width, swapped.rejected.mutable_data().begin() + row * width);
    const auto at = static_cast<std::size_t>(row);
    const Real p = pairs.chosen_reference.data()[at], q = pairs.rejected_reference.data()[at];
    swapped.chosen_reference.mutable_data()[at] = is_swapped ? q : p;
    swapped.rejected_reference.mutable_data()[at] = is_swapped ? p : q;
  }
  return swapped;
}

double preference_accuracy(GPT& model, const StylePairs& pairs) {
  const Array p = log_probabilities(model, pairs.chosen), q = log_probabilities(model, pairs.rejected);
  std::int64_t right = 0;
  for (std::size_t i = 0; i < p.data().size(); ++i) right += p.data()[i] > q.data()[i];
  return static_cast<double>(right) / static_cast<double>(p.size());
}

PreferenceReport learn_preference(milestone::Writer& writer, const PreferenceOptions& options, const OnStep& on_step) {
  Generator random(options.seed);
  const HeldOut test = held_out(writer);
  StylePairs pairs =
      pairs_of(writer, writer.train_ids(), thirds(writer.train_ids(), writer.tokenizer(), length, stride));
  if (options.swapped) pairs = swapped_at_random(pairs, random);
  GPT& model = writer.model();
  PreferenceReport report{.train_pairs = pairs.chosen.shape()[0],
                          .held_out_pairs = test.pairs.chosen.shape()[0],
                          .unmatched_before = preference_accuracy(model, test.unmatched),
                          .accuracy_before = preference_accuracy(model, test.pairs),
                          .neutral_before = loss_on(model, test.neutral),
                          .words_before = written_word_length(writer)};
  train(writer, pairs, options.steps, random, on_step);
  report.accuracy_after = preference_accuracy(model, test.pairs);
  report.neutral_after = loss_on(model, test.neutral);
  report.words_after = written_word_length(writer);
  return report;
}

}  // namespace rushlight::alignment
