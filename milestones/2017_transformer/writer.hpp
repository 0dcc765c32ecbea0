// writer.hpp: part two. A GPT reads the lessons, character by character, and then writes.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "06_optimizers/adam.hpp"
#include "10_tokenization/tokenizer.hpp"
#include "13_transformers/transformer.hpp"
#include "2017_transformer/corpus.hpp"

namespace rushlight::milestone {

class Writer {
 public:
  static constexpr std::int64_t context = 64;
  static constexpr std::int64_t batch = 16;
  static constexpr std::int64_t round = 100;  // steps between two looks at the validation text

  Writer(const Corpus& corpus, std::uint64_t seed);

  // Trains for `rounds` rounds; calls back after every tenth step, and with the validation loss after every round.
  struct Watch {
    std::function<void(std::int64_t step, double loss)> on_step;
    std::function<void(std::int64_t round, double train_loss, double validation_loss)> on_round;
  };
  void train(std::int64_t rounds, const Watch& watch);

  double validation_loss();  // nats a character, over the whole validation text in windows of `context`
  double trigram_loss() const;
  std::string write(const std::string& beginning, std::int64_t characters, double temperature);

  // Who looks at whom in one head, over a text of at most `context` characters: (T, T).
  Array attention(const std::string& text, std::int64_t layer, std::int64_t head);
  std::vector<std::string> labels(const std::string& text) const;  // its characters, visibly

  GPT& model() { return model_; }

 private:
  double step(std::int64_t step, std::int64_t steps, AdamW& optimizer);

  CharTokenizer tokenizer_;
  TokenIds train_, validation_;
  Generator random_;
  GPT model_;
};

}  // namespace rushlight::milestone
