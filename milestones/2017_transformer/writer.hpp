// writer.hpp: part two. A GPT reads the lessons, character by character, and then writes. The milestone of 2025 trains
// its teacher and its students with it, too. Letters: B windows, T characters.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "06_optimizers/adam.hpp"
#include "07_training/checkpoint.hpp"
#include "10_tokenization/tokenizer.hpp"
#include "13_transformers/transformer.hpp"
#include "2017_transformer/corpus.hpp"

namespace rushlight::milestone {

struct WriterOptions {
  std::int64_t width = 128, layers = 4, heads = 4;
  std::int64_t hidden = 0;  // of the feed-forward layers; 0: 4·width
  double dropout = 0.1;
  double lr = 2e-3;  // the largest, after the warm-up
};

struct Windows {
  Indices inputs, targets;  // (B, T): characters, and what follows each of them
};

// The windows of ids that begin at `starts`; ids must reach one place beyond each.
Windows windows(const TokenIds& ids, const std::vector<std::int64_t>& starts, std::int64_t length);

// What is to become small. Writer's own is the cross-entropy of the next character.
using WindowLoss = std::function<Tensor(GPT& model, const Windows& windows)>;
Tensor next_character_loss(GPT& model, const Windows& windows);

// Nats a character, over all of the text in windows of `length`; without a graph, in evaluation.
double loss_on_text(GPT& model, const TokenIds& text, std::int64_t length);

class Writer {
 public:
  static constexpr std::int64_t context = 64;
  static constexpr std::int64_t batch = 16;
  static constexpr std::int64_t round = 100;  // steps between two looks at the validation text

  // Equal seeds and options give equal weights and read the same windows in the same order, whatever the loss.
  Writer(const Corpus& corpus, std::uint64_t seed, const WriterOptions& options = {});

  // Trains for `rounds` rounds; calls back after every tenth step, and with the validation loss and the state after every
  // round. From such a state, if one is given, it goes on: what comes out is the same, bit for bit.
  struct Watch {
    std::function<void(std::int64_t step, double loss)> on_step;
    std::function<void(std::int64_t round, double train_loss, double validation_loss)> on_round;
    std::function<void(const SafeTensors& state)> on_state = {};
  };
  void train(std::int64_t rounds, const Watch& watch, const WindowLoss& loss = next_character_loss,
             const SafeTensors& begun = {});
  void load(const SafeTensors& state);  // weights and random source, as they were in such a state

  double validation_loss();  // nats a character, over the whole validation text in windows of `context`
  double trigram_loss() const;
  std::string write(const std::string& beginning, std::int64_t characters, double temperature);

  // Who looks at whom in one head, over a text of at most `context` characters: (T, T).
  Array attention(const std::string& text, std::int64_t layer, std::int64_t head);
  std::vector<std::string> labels(const std::string& text) const;  // its characters, visibly

  GPT& model() { return model_; }
  const CharTokenizer& tokenizer() const { return tokenizer_; }
  const TokenIds& train_ids() const { return train_; }
  const TokenIds& validation_ids() const { return validation_; }

 private:
  AdamW optimizer();
  double step(std::int64_t step, std::int64_t steps, AdamW& optimizer, const WindowLoss& loss);

  CharTokenizer tokenizer_;
  TokenIds train_, validation_;
  Generator random_;
  GPT model_;
  double peak_lr_;
};

}  // namespace rushlight::milestone
