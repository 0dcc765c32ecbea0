// gpt.hpp: a decoder-only transformer: embeddings, blocks, a norm, and a score for every token of the vocabulary.
#pragma once

#include <cstdint>
#include <vector>

#include "11_embeddings/embeddings.hpp"
#include "13_transformers/blocks.hpp"

namespace rushlight {

// --- 13.7 GPT (gpt.cpp) ------------------------------------------------------------------------------------------

enum class Positions : std::uint8_t { learned, rotary };

struct GPTOptions {
  std::int64_t vocabulary = 0;  // V: ids are 0..vocabulary-1
  std::int64_t context = 0;     // the longest sequence
  std::int64_t width = 0;       // D, a multiple of heads
  std::int64_t layers = 0;      // L
  std::int64_t heads = 0;       // H
  std::int64_t groups = 0;      // G, divides H; 0: as many as heads
  std::int64_t hidden = 0;      // M; 0: 4·width
  double dropout = 0;           // in training: after the embeddings and in every block
  bool tied = true;             // the head's weight is the embedding's
  bool head_bias = false;       // GPT-2 has none
  Positions positions = Positions::learned;
};

// x (..., D) -> logits (..., V) = x·weightᵀ (+ bias). Hook points: hook_in (..., D), hook_out (..., V).
class Unembed : public Module {
 public:
  Unembed(const Tensor& shared_weight, const Tensor& optional_bias) : weight(shared_weight), bias(optional_bias) {}
  Tensor forward(const Tensor& x) override;
  void members(Members& m) override;

  HookPoint hook_in;
  Tensor weight;  // (V, D)
  Tensor bias;    // (V), or empty
  HookPoint hook_out;
};

// A decoder without a second sequence: ids (B, T), T <= context -> logits (B, T, V); logits[b, t] says what may come
// after token t, and depends on tokens 0..t only. Every hook point of the table in the lesson is there, and knows its
// name from the start.
class GPT : public Module {
 public:
  GPT(GPTOptions options, Generator& generator);  // throws ValueError that names the option

  // ids -> what the last norm leaves, (B, T, D). Throws ShapeError unless ids are (B, T) with 1 <= T <= context, and
  // IndexError that names an id outside the vocabulary.
  Tensor features(const Indices& ids);
  Tensor forward(const Indices& ids);  // unembed(features(ids))
  Tensor operator()(const Indices& ids) { return forward(ids); }

  // GPT-2's start (Radford et al., 2019): every matrix from N(0, 0.02²), the two of each block that write into the
  // stream (attn.out, mlp.fc2) from N(0, (0.02/√(2L))²), biases zero, norms at the identity. The constructor calls it;
  // called again it starts anew, whatever was learnt.
  // A difference: GPT-2's published code draws the learned positions from N(0, 0.01²).
  void initialise(Generator& generator);

  void members(Members& m) override;
  void set_hook_flags(const HookFlags& flags);  // of every block; given
  const GPTOptions& options() const { return options_; }

  Embedding embed;
  HookPoint hook_embed;
  std::optional<LearnedPositions> pos_embed;  // not with rotary positions
  HookPoint hook_pos_embed;                   // (B, T, D); not listed with rotary positions
  Dropout dropout;
  std::vector<TransformerBlock> blocks;
  HookedLayerNorm ln_final;
  Unembed unembed;

 private:
  GPTOptions options_;
};

}  // namespace rushlight
