// tensor_parallel.cpp: two linear layers, each cut over the ranks.
#include "21_distributed/tensor_parallel.hpp"

#include "01_tensor/todo.hpp"

namespace rushlight {
namespace {

Chunk own_chunk(const char* who, std::int64_t numbers, const World& world) {
  if (numbers < world.size()) throw ValueError("{}: {} cannot be cut over {} ranks.", {who, numbers, world.size()});
  return chunk_of(numbers, world.size(), world.rank());
}

Tensor cut(const Tensor& whole, int axis, const Chunk& chunk) {
  if (!whole.defined()) return {};
  return Tensor(slice(whole.value(), axis, {.start = chunk.begin, .stop = chunk.end}).clone(), true);
}

}  // namespace

// 21.9 copy_to_ranks  x -> x;  dx = Σ over ranks of G
// Hint: record("copy_to_ranks", ...) with Save::nothing. The rule sums a clone of the gradient with ring_all_reduce.
Tensor copy_to_ranks(const Tensor& x, World& world) {
  return record("copy_to_ranks", x.value(), {x}, Save::nothing, [&world](const Backward& bw) -> Arrays {
    Array sum = bw.grad.clone();
    ring_all_reduce(world, sum.mutable_data());
    return {sum};
  });
}

// 21.9 sum_over_ranks  x -> Σ over ranks of x;  dx = G
// Every rank computes the same loss from the sum, so each gradient is whole already: adding them up would count it R times.
// Hint: the other way round.
Tensor sum_over_ranks(const Tensor& x, World& world) {
  Array sum = x.value().clone();
  ring_all_reduce(world, sum.mutable_data());
  return record("sum_over_ranks", sum, {x}, Save::nothing, [](const Backward& bw) -> Arrays { return {bw.grad}; });
}

// 21.9 ColumnLinear  whole (O, I), world -> weight and bias: rows chunk_of(O, R, rank) of the whole ones
// Hint: cut() makes a leaf of a chunk; the chunk of a bias is that of its rows.
ColumnLinear::ColumnLinear(const Linear& whole, World& world) : world_(world) {
  const Chunk rows = own_chunk("ColumnLinear", whole.weight.dim(0), world);
  weight = cut(whole.weight, 0, rows);
  bias = cut(whole.bias, 0, rows);
}

// 21.9 ColumnLinear::forward  x (..., I) -> (..., O_r)
// Hint: every rank knows a part of dx only; copy_to_ranks adds the parts up.
Tensor ColumnLinear::forward(const Tensor& x) { return linear(copy_to_ranks(x, world_), weight, bias); }

// 21.9 ColumnLinear::members  weight, bias
// Hint: as in Linear.
void ColumnLinear::members(Members& m) {
  m("weight", weight);
  m("bias", bias);
}

// 21.9 RowLinear  whole (O, I), world -> weight: columns chunk_of(I, R, rank); the whole bias
// Hint: a copy of the bias, so that the whole layer keeps its own.
RowLinear::RowLinear(const Linear& whole, World& world) : world_(world) {
  weight = cut(whole.weight, 1, own_chunk("RowLinear", whole.weight.dim(1), world));
  bias = cut(whole.bias, 0, {0, whole.weight.dim(0)});
}

// 21.9 RowLinear::forward  x (..., I_r) -> (..., O)
// Hint: the sum over ranks of linear() without bias; then the bias, once.
Tensor RowLinear::forward(const Tensor& x) {
  const Tensor sum = sum_over_ranks(linear(x, weight), world_);
  return bias.defined() ? sum + bias : sum;
}

// 21.9 RowLinear::members  weight, bias
// Hint: as in Linear.
void RowLinear::members(Members& m) {
  m("weight", weight);
  m("bias", bias);
}

}  // namespace rushlight
