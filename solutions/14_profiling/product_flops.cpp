// product_flops.cpp: the ops that take most of the time of any network. Each output is a sum of products, and every
// product comes with a sum: 2 FLOPs.
#include "01_tensor/todo.hpp"
#include "14_profiling/cost.hpp"

namespace rushlight {
namespace {

// Backward: whether somebody wants the gradient of input i. An input that is not there wants none.
bool wants(const Work& work, std::size_t i) { return i < work.needs.size() && work.needs[i]; }

// solution helper
// Forward: the product once. Backward: once for each of its two operands whose gradient somebody wants.
std::int64_t times_needed(const Work& work, std::size_t a, std::size_t b, std::int64_t flops) {
  if (work.phase == Phase::forward) return flops;
  return flops * (wants(work, a) + wants(work, b));
}

// One sum for each output: forward the bias is added, backward its gradient is added up.
std::int64_t of_bias(const Work& work) {
  const bool counts = work.phase == Phase::forward ? work.inputs.size() > 2 : wants(work, 2);
  return counts ? work.output.numel() : 0;
}

// How many numbers one matrix of the operand has.
std::int64_t matrix_size(const Shape& shape) {
  if (shape.rank() == 1) return shape[0];
  return shape[shape.rank() - 1] * shape[shape.rank() - 2];
}
// end solution

}  // namespace

// 14.1 matmul_flops  inputs a, b (1 to 8 axes each), output -> FLOPs;  forward 2·K for each output
// K = (numbers in one matrix of a) / M, where M is the output's axis -2, or 1 where a has one axis (then M is gone from
// the output); where b has one axis, N is gone instead, and M is the output's last. No outputs: 0.
// Backward: as much again for each operand whose gradient somebody wants.
// Hint: leading axes need no care: each output, whatever matrix it lies in, takes K multiply-adds.
std::int64_t matmul_flops(const Work& work) {
  const Shape &a = work.inputs[0], &b = work.inputs[1], &out = work.output;
  if (out.numel() == 0) return 0;
  const std::int64_t rows = a.rank() == 1 ? 1 : b.rank() == 1 ? out[out.rank() - 1] : out[out.rank() - 2];
  return times_needed(work, 0, 1, 2 * out.numel() * (matrix_size(a) / rows));
}

// 14.1 linear_flops  inputs x (..., I), weight (O, I), maybe bias (O); output (..., O) -> FLOPs
//   forward 2·rows·I·O + rows·O if there is a bias;  backward 2·rows·I·O for x, as much for the weight, rows·O for the bias
// Hint: rows·O is the size of the output.
std::int64_t linear_flops(const Work& work) {
  return times_needed(work, 0, 1, 2 * work.output.numel() * work.inputs[1][1]) + of_bias(work);
}

// 14.1 conv2d_flops  inputs x, weight (O, C/G, KH, KW), maybe bias (O); output (N, O, OH, OW) -> FLOPs
//   forward 2·(C/G)·KH·KW for each output, and 1 more if there is a bias;  backward as linear
// Hint: the weight's shape already has C/G in it.
std::int64_t conv2d_flops(const Work& work) {
  const Shape& weight = work.inputs[1];
  return times_needed(work, 0, 1, 2 * work.output.numel() * weight[1] * weight[2] * weight[3]) + of_bias(work);
}

// 14.1 attention_flops  inputs q (B, H, T, K), k (B, G, S, K), v (B, G, S, V); output (B, H, T, V) -> FLOPs
//   scores = B·H·T·S;  forward scores·(2·K + 2·V + 6);  backward scores·(4·K + 4·V + 5), whoever wants which gradient
// Hint: H is the queries'. Groups save memory, not products.
std::int64_t attention_flops(const Work& work) {
  const Shape &q = work.inputs[0], &k = work.inputs[1], &v = work.inputs[2];
  const std::int64_t scores = q[0] * q[1] * q[2] * k[2], both = q[3] + v[3];
  return scores * (work.phase == Phase::forward ? 2 * both + 6 : 4 * both + 5);
}

}  // namespace rushlight
