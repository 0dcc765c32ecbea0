// gpt.hpp: part two. The GPT of 2017 loses half of its neurons, then half of its blocks, and learns each time from what
// it was (Hinton, Vinyals and Dean, 2015; every second block: Sanh and others, 2019). Letters: B windows, T characters.
#pragma once

#include <cstdint>
#include <string>

#include "15_memoization/memoization.hpp"
#include "16_quantization/quantization.hpp"
#include "2017_transformer/writer.hpp"
#include "2018_compression/measured.hpp"

namespace rushlight::compression {

inline constexpr std::int64_t hidden = 512;
inline constexpr milestone::WriterOptions whole_options{
    .width = 128, .layers = 4, .heads = 4, .hidden = hidden, .dropout = 0.1};
inline constexpr milestone::WriterOptions longer_options{
    .width = 128, .layers = 4, .heads = 4, .hidden = hidden, .dropout = 0.1, .lr = 1e-3};
inline constexpr milestone::WriterOptions pruned_options{
    .width = 128, .layers = 4, .heads = 4, .hidden = hidden / 2, .dropout = 0, .lr = 1e-3};
inline constexpr milestone::WriterOptions distilled_options{
    .width = 128, .layers = 2, .heads = 4, .hidden = hidden / 2, .dropout = 0, .lr = 2e-3};

// Every block's feed-forward layer with so many of its neurons, the strongest (17.4): a state for a smaller GPT.
StateDict with_fewer_neurons(GPT& model, std::int64_t keep);

// The state of a GPT with half of the blocks: 0, 2, 4, ...
StateDict with_every_second_block(GPT& model);

// distill_loss of 17.6 with T = 2: nine tenths what the teacher thinks, a tenth the character that came. The teacher is a
// constant, in evaluation.
milestone::WindowLoss distillation(GPT& teacher);

// A GPT that writes one character after the other, the likeliest each time, with a cache (module 15) that begins anew
// when the context is full.
class Reader {
 public:
  explicit Reader(GPT& model) : model_(model), cache_(model.options()) {}
  std::int32_t next();          // one character more
  void text();                  // a whole context, from its beginning
  std::int64_t length() const;  // characters of text()

 private:
  GPT& model_;
  KVCache cache_;
  std::int32_t last_ = 0;
};

// What rows of random weights say about size: a GPT of that width in float beside one in the format, with the same cache.
struct WidthRow {
  std::int64_t width = 0;
  std::int64_t float_bytes = 0;  // of the weights that one token reads
  bench::Interval q8_0, q4_0;    // times faster, with the interval of module 19's comparison
  bool from_before = false;      // as in Measured
};
WidthRow compare_at(std::int64_t width, std::int64_t layers, std::int64_t rounds, std::uint64_t seed);

}  // namespace rushlight::compression
