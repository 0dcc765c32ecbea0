// embedding.cpp: a table of vectors, one per id.
#include "01_tensor/todo.hpp"
#include "11_embeddings/embeddings.hpp"

namespace rushlight {
namespace {

void check_padding(const char* where, std::int64_t padding_idx, std::int64_t rows) {
  if (padding_idx == no_padding || (padding_idx >= 0 && padding_idx < rows)) return;
  throw ValueError("{}: padding_idx {} is not one of the {} rows.", {where, padding_idx, rows});
}

// solution helper
// The table with zeros in that row.
Array without_row(const Array& table, std::int64_t row) {
  if (row == no_padding) return table;
  Mask gone(Shape{table.dim(0), 1});
  gone.mutable_data()[row] = 1;
  return where(gone.to(table.device()), Array::scalar(0), table);
}
// end solution

}  // namespace

// 11.1 embedding  table (V, D), ids (any shape) -> ids.shape + (D);  out[i] = table[ids[i]]
//   ∂L/∂table[v] = Σ over the places i with ids[i] = v of G[i], and 0 for v = padding_idx
// Throws ShapeError unless the table has rank 2, ValueError when padding_idx is not a row (check_padding, above), and
// IndexError that names an id outside 0..V-1.
// Hint: take and take_adjoint of module 01, on Arrays, and one row set to zero. The rule needs no saved value.
Tensor embedding(const Tensor& table, const Indices& ids, std::int64_t padding_idx) {
  if (table.rank() != 2) {
    throw ShapeError("embedding: the table is {}, but it must be (vocabulary, width).", {table.shape()});
  }
  check_padding("embedding", padding_idx, table.dim(0));
  return record("embedding", take(table.value(), ids), {table}, Save::nothing,
                [ids, padding_idx](const Backward& bw) -> Arrays {
                  return {without_row(take_adjoint(bw.grad, bw.in_shape(0), ids), padding_idx)};
                });
}

// 11.2 Embedding  options, generator -> weight (V, D) from N(0, 1), row padding_idx zeros
// Throws ValueError that names the option: count and width at least 1, padding_idx a row or no_padding.
// Hint: randn in random.hpp draws the whole table; only then the padding row becomes zeros. The weight requires a
// gradient.
Embedding::Embedding(EmbeddingOptions options, Generator& generator) : options_(options) {
  if (options.count < 1 || options.width < 1) {
    throw ValueError("Embedding: count is {} and width is {}, but both must be at least 1.",
                     {options.count, options.width});
  }
  check_padding("Embedding", options.padding_idx, options.count);
  const Array drawn = randn({options.count, options.width}, generator);
  weight = Tensor(without_row(drawn, options.padding_idx), true);
}

// 11.2 forward  ids (any shape) -> ids.shape + (D)
// Hint: embedding, with the layer's padding_idx.
Tensor Embedding::forward(const Indices& ids) { return embedding(weight, ids, options_.padding_idx); }

void Embedding::members(Members& m) { m("weight", weight); }

}  // namespace rushlight
