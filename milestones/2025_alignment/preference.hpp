// preference.hpp: part two. A model that finds both styles equally likely comes to prefer short words, by DPO, while it
// goes on learning from ordinary text. Letters: N pairs, T characters.
#pragma once

#include <cstdint>
#include <functional>

#include "2017_transformer/writer.hpp"
#include "2025_alignment/style.hpp"

namespace rushlight::alignment {

struct StylePairs {
  Indices chosen, rejected;                    // (N, T)
  Array chosen_reference, rejected_reference;  // (N): log p by the model as it was when the pairs were made
};

// Pairs from the windows of ids, about which the model has no opinion.
StylePairs style_pairs(GPT& model, const TokenIds& ids, const Style& style);

// In every pair a coin decides which of the two is called the chosen one: what a control learns from.
StylePairs swapped_at_random(const StylePairs& pairs, Generator& random);

// The share of the pairs whose chosen text the model finds likelier.
double preference_accuracy(GPT& model, const StylePairs& pairs);

struct PreferenceOptions {
  std::int64_t steps = 0;
  std::uint64_t seed = 1;
  bool swapped = false;  // the control
};

struct PreferenceReport {
  std::int64_t train_pairs = 0, held_out_pairs = 0;
  double unmatched_before = 0;                     // accuracy over held-out windows of both styles as they come
  double accuracy_before = 0, accuracy_after = 0;  // over held-out pairs
  double neutral_before = 0, neutral_after = 0;    // nats a character, over held-out windows of neither style
  double words_before = 0, words_after = 0;        // letters in a word of what the model writes
  double neutral_change() const { return neutral_after / neutral_before - 1; }
};

using OnStep = std::function<void(std::int64_t step, double loss)>;

// Trains the writer's model in place, on pairs of the text that it has learnt from. Throws ValueError when a text is
// so short that no pair is found.
PreferenceReport learn_preference(milestone::Writer& writer, const PreferenceOptions& options, const OnStep& on_step);

}  // namespace rushlight::alignment
