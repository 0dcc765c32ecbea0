// reversal.hpp: part one. A transformer learns to write digits backwards, which nothing but attention can do: what
// comes next depends on one place far behind, and on no other.
#pragma once

#include <cstdint>
#include <functional>

#include "13_transformers/transformer.hpp"

namespace rushlight::milestone {

// Sequences of `length` digits, a separator, and the same digits backwards. A target of ignore_index asks for nothing:
// the digits themselves cannot be foreseen.
struct ReversalBatch {
  Indices inputs;   // (B, 2·length)
  Indices targets;  // (B, 2·length), what comes after each input
};

class Reversal {
 public:
  static constexpr std::int64_t length = 16;
  static constexpr std::int32_t separator = 10;
  static constexpr std::int64_t vocabulary = 11;
  static constexpr std::int64_t context = 2 * length;

  // 10¹⁶ sequences exist, and training sees fewer than 10⁵ of them: a fresh one is unseen.
  static ReversalBatch batch(std::int64_t size, Generator& random);

  // The share of sequences whose every digit is right, and of digits, when the model continues greedily and alone.
  struct Score {
    double exact = 0, digits = 0;
  };
  static Score score(GPT& model, std::int64_t sequences, Generator& random);
};

// In every block, whatever attention would have looked at, every token looks at all tokens up to itself alike. As long
// as the result lives.
[[nodiscard]] std::vector<HookPointHandle> make_attention_uniform(GPT& model);

}  // namespace rushlight::milestone
