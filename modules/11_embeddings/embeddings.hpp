// embeddings.hpp: ids become vectors, and vectors learn where they stand. As torch.nn.Embedding, and the three usual
// ways to tell a network about positions: a learned table, sines (Vaswani et al., 2017), rotation (Su et al., 2021).
// Letters: V vocabulary, D width, T positions, K width of a head; ... any leading axes.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "01_tensor/random.hpp"
#include "03_layers/module.hpp"

namespace rushlight {

// --- 11.1 embedding (embedding.cpp) ------------------------------------------------------------------------------

constexpr std::int64_t no_padding = -1;

// table (V, D), ids (any shape) -> ids.shape + (D): row ids[i] for every i; one op, "embedding". Rows that are taken
// more than once receive the sum of their gradients; row padding_idx receives none, whatever is taken. Throws
// ShapeError unless the table has rank 2, IndexError that names an id outside 0..V-1, ValueError when padding_idx is
// neither a row nor no_padding (PyTorch also counts a negative one from the end).
Tensor embedding(const Tensor& table, const Indices& ids, std::int64_t padding_idx = no_padding);

// --- 11.2 the layer (embedding.cpp) ------------------------------------------------------------------------------

struct EmbeddingOptions {
  std::int64_t count = 0;  // V: ids are 0..count-1
  std::int64_t width = 0;  // D
  std::int64_t padding_idx = no_padding;
};

// Parameter: weight (V, D), drawn from N(0, 1); row padding_idx starts as zeros, and no gradient moves it. What is put
// there later stays there, and is read like any other row. Throws ValueError when count or width is below 1, or
// padding_idx is neither a row nor no_padding.
class Embedding : public Module {
 public:
  Embedding(EmbeddingOptions options, Generator& generator);
  Tensor forward(const Indices& ids);
  Tensor operator()(const Indices& ids) { return look_up_ ? look_up_(ids) : forward(ids); }
  void members(Members& m) override;

  // As Module::replace_with, for a layer that is called with ids: from now on `look_up` answers. Empty takes it back.
  void replace_with(std::function<Tensor(const Indices&)> look_up) { look_up_ = std::move(look_up); }
  bool is_replaced() const { return static_cast<bool>(look_up_); }

  Tensor weight;

 private:
  EmbeddingOptions options_;
  std::function<Tensor(const Indices&)> look_up_;
};

// Whether another answers when this module is called, by either replace_with.
inline bool is_replaced(const Module& module) {
  const auto* table = dynamic_cast<const Embedding*>(&module);
  return module.stand_in() != nullptr || (table != nullptr && table->is_replaced());
}

// --- 11.3 learned positions (positions.cpp) ----------------------------------------------------------------------

struct PositionOptions {
  std::int64_t length = 0;  // the longest sequence
  std::int64_t width = 0;   // D
};

// Parameter: weight (length, D), drawn from N(0, 0.02²) as in the first GPT (Radford et al., 2018).
// Throws ValueError when length or width is below 1.
class LearnedPositions : public Module {
 public:
  LearnedPositions(PositionOptions options, Generator& generator);
  // Rows start..start+count-1, shape (count, D), to be added to x (..., count, D). Throws ShapeError that names the
  // positions asked for and `length` when they do not lie in 0..length-1. No positions at all may begin anywhere in
  // 0..length.
  Tensor forward(std::int64_t count, std::int64_t start = 0);
  void members(Members& m) override;

  Tensor weight;
};

// --- 11.4 sinusoidal positions (positions.cpp) -------------------------------------------------------------------

// (count, width): [t, 2i] = sin(t / 10000^(2i/D)), [t, 2i+1] = cos(t / 10000^(2i/D)), D = width. A constant: nothing is
// learned. D may be odd; then the last column is a sine. Throws ValueError when count or width is negative.
Array sinusoidal_positions(std::int64_t count, std::int64_t width);

// --- 11.5 rotary positions (rotary.cpp) --------------------------------------------------------------------------

struct RotaryOptions {
  double base = 10000;     // above 0; with infinity only the first pair turns
  std::int64_t start = 0;  // the position of the first row: above 0 when some are in a cache; below 0 turns back
};

// x (..., T, K), K even -> same shape; one op, "rotary". At position t each pair (x[2i], x[2i+1]) is turned by the
// angle t / base^(2i/K), so that the product of two turned vectors depends on where they stand only through their
// distance. Neighbours form the pairs, as in the paper; GPT-NeoX and Hugging Face's Llama pair i with i + K/2, which is
// the same up to an order of the columns. A part of a sequence, turned from its own start, has the bits that it has in
// the whole.
// Throws ShapeError when x has rank below 2 or K is odd, ValueError when base is not above 0.
Tensor rotary(const Tensor& x, RotaryOptions options = {});

}  // namespace rushlight
