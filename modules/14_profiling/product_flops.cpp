// product_flops.cpp: the ops that take most of the time of any network. Each output is a sum of products, and every
// product comes with a sum: 2 FLOPs.
#include "01_tensor/todo.hpp"
#include "14_profiling/cost.hpp"

namespace rushlight {
namespace {

// Backward: whether somebody wants the gradient of input i. An input that is not there wants none.
bool wants(const Work& work, std::size_t i) { return i < work.needs.size() && work.needs[i]; }

}  // namespace

// 14.1 matmul_flops  inputs a, b (1 to 8 axes each), output -> FLOPs;  forward 2·K for each output
// K = (numbers in one matrix of a) / M, where M is the output's axis -2, or 1 where a has one axis (then M is gone from
// the output); where b has one axis, N is gone instead, and M is the output's last. No outputs: 0.
// Backward: as much again for each operand whose gradient somebody wants.
// Hint: leading axes need no care: each output, whatever matrix it lies in, takes K multiply-adds.
std::int64_t matmul_flops(const Work& work) {
  todo("14.1");
}

// 14.1 linear_flops  inputs x (..., I), weight (O, I), maybe bias (O); output (..., O) -> FLOPs
//   forward 2·rows·I·O + rows·O if there is a bias;  backward 2·rows·I·O for x, as much for the weight, rows·O for the bias
// Hint: rows·O is the size of the output.
std::int64_t linear_flops(const Work& work) {
  todo("14.1");
}

// 14.1 conv2d_flops  inputs x, weight (O, C/G, KH, KW), maybe bias (O); output (N, O, OH, OW) -> FLOPs
//   forward 2·(C/G)·KH·KW for each output, and 1 more if there is a bias;  backward as linear
// Hint: the weight's shape already has C/G in it.
std::int64_t conv2d_flops(const Work& work) {
  todo("14.1");
}

// 14.1 attention_flops  inputs q (B, H, T, K), k (B, G, S, K), v (B, G, S, V); output (B, H, T, V) -> FLOPs
//   scores = B·H·T·S;  forward scores·(2·K + 2·V + 6);  backward scores·(4·K + 4·V + 5), whoever wants which gradient
// Hint: H is the queries'. Groups save memory, not products.
std::int64_t attention_flops(const Work& work) {
  todo("14.1");
}

}  // namespace rushlight
