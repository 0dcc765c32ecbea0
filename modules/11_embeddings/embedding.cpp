// embedding.cpp: a table of vectors, one per id.
#include "01_tensor/todo.hpp"
#include "11_embeddings/embeddings.hpp"

namespace rushlight {
namespace {

void check_padding(const char* where, std::int64_t padding_idx, std::int64_t rows) {
  if (padding_idx == no_padding || (padding_idx >= 0 && padding_idx < rows)) return;
  throw ValueError("{}: padding_idx {} is not one of the {} rows.", {where, padding_idx, rows});
}

}  // namespace

// 11.1 embedding  table (V, D), ids (any shape) -> ids.shape + (D);  out[i] = table[ids[i]]
//   ∂L/∂table[v] = Σ over the places i with ids[i] = v of G[i], and 0 for v = padding_idx
// Throws ShapeError unless the table has rank 2, ValueError when padding_idx is not a row (check_padding, above), and
// IndexError that names an id outside 0..V-1.
// Hint: take and take_adjoint of module 01, on Arrays, and one row set to zero. The rule needs no saved value.
Tensor embedding(const Tensor& table, const Indices& ids, std::int64_t padding_idx) {
  todo("11.1");
}

// 11.2 Embedding  options, generator -> weight (V, D) from N(0, 1), row padding_idx zeros
// Throws ValueError that names the option: count and width at least 1, padding_idx a row or no_padding.
// Hint: randn in random.hpp draws the whole table; only then the padding row becomes zeros. The weight requires a
// gradient.
Embedding::Embedding(EmbeddingOptions options, Generator& generator) : options_(options) {
  todo("11.2");
}

// 11.2 forward  ids (any shape) -> ids.shape + (D)
// Hint: embedding, with the layer's padding_idx.
Tensor Embedding::forward(const Indices& ids) {
  todo("11.2");
}

void Embedding::members(Members& m) { m("weight", weight); }

}  // namespace rushlight
