// attend_blocks.cpp: one softmax over many blocks.
#include <cmath>

#include "01_tensor/todo.hpp"
#include "15_memoization/cached_attention.hpp"

namespace rushlight {

// 15.4 attend_blocks  q (B, H, T, K), blocks of (B, G, P, K), mask (., ., T, n·P) -> (B, H, T, K)
//   scores = the blocks' q·kᵀ/√K side by side;  pattern = masked softmax of the whole row;  out = Σ pattern_block·v_block
// ShapeError when there is no block.
// Hint: attention_scores and attention_output of 12.3 take one block as they take a whole sequence; attention_pattern of
// 12.4 takes the mask. Scores are small: laying those side by side costs little, where moving keys would cost much.
Tensor attend_blocks(const Tensor& q, const std::vector<KVBlock>& blocks, const Mask& mask) {
  if (blocks.empty()) throw ShapeError("attend_blocks: there is no block, so there is nothing to attend to.");
  // solution 15.4
  const double scale = 1 / std::sqrt(static_cast<double>(q.dim(3)));
  Tensors scores;
  for (const KVBlock& block : blocks) scores.push_back(attention_scores(q, block.k, scale));
  const Tensor pattern = attention_pattern(concat(scores, -1), {.mask = mask});
  Tensor out;
  std::int64_t begin = 0;
  for (const KVBlock& block : blocks) {
    const std::int64_t end = begin + block.v.dim(2);
    const Tensor part = attention_output(slice(pattern, -1, {begin, end}), block.v);
    out = out.defined() ? out + part : part;
    begin = end;
  }
  return out;
  // end solution
}

}  // namespace rushlight
