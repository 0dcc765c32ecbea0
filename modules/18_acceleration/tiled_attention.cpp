// tiled_attention.cpp: attention that looks at a tile of the pattern at a time and forgets it again.
//
// Softmax needs a row's maximum and sum before it can say anything. The online softmax goes on without: it keeps, for
// every query, the largest score so far and the sum so far relative to it. When a tile brings a larger score, what was
// added up is too large by a factor that is known, exp(old - new), and is scaled down.
// Letters as in attention.hpp; a tile is I queries by J keys.
#include <algorithm>
#include <cmath>
#include <vector>

#include "01_tensor/blas.hpp"
#include "01_tensor/fast_exp.hpp"
#include "01_tensor/strided.hpp"
#include "01_tensor/todo.hpp"
#include "18_acceleration/kernels.hpp"
#include "18_acceleration/parallel.hpp"
#include "18_acceleration/rows.hpp"

namespace rushlight {
namespace {

struct Sizes {
  std::int64_t B, H, G, T, S, K, V;
};

Sizes sizes_of(const Array& q, const Array& k, const Array& v) {
  return {q.dim(0), q.dim(1), k.dim(1), q.dim(2), k.dim(2), q.dim(3), v.dim(3)};
}

struct Tile {
  std::int64_t first_query, queries, first_key, keys;
};

// Who may look at whom, for one head of one batch entry.
class Visible {
 public:
  Visible(const AttentionCall& call, const Sizes& n, std::int64_t batch, std::int64_t head)
      : causal_(call.causal), diagonal_(n.S - n.T) {
    if (!call.mask.defined()) return;
    const Shape strides = broadcast_strides(call.mask.shape(), {n.B, n.H, n.T, n.S});
    mask_ = call.mask.data().data() + batch * strides[0] + head * strides[1];
    query_step_ = strides[2];
    key_step_ = strides[3];
  }

  // No query of the rows up to `last_query` sees key `key` or a later one: causal attention skips half of all tiles.
  bool nothing_from(std::int64_t key, std::int64_t last_query) const { return causal_ && key > last_query + diagonal_; }

  // Puts `hidden` into scores (queries, keys) wherever the query may not look.
  void hide(const Tile& tile, Real* scores) const {
    for (std::int64_t i = 0; i < tile.queries; ++i, scores += tile.keys) {
      const std::int64_t query = tile.first_query + i;
      if (mask_ != nullptr) {
        const std::uint8_t* seen = mask_ + query * query_step_ + tile.first_key * key_step_;
        for (std::int64_t j = 0; j < tile.keys; ++j) scores[j] = seen[j * key_step_] != 0 ? scores[j] : hidden;
      }
      const std::int64_t allowed = causal_ ? query + diagonal_ + 1 - tile.first_key : tile.keys;
      if (allowed < tile.keys) std::fill(scores + std::max<std::int64_t>(0, allowed), scores + tile.keys, hidden);
    }
  }

 private:
  bool causal_;
  std::int64_t diagonal_;
  const std::uint8_t* mask_ = nullptr;
  std::int64_t query_step_ = 0, key_step_ = 0;
};

}  // namespace

// 18.8 tiled_attention_forward  q (B, H, T, K), k (B, G, S, K), v (B, G, S, V) -> out (B, H, T, V), statistics (B, H,
// T, 2)
//   out = softmax(scale·q·kᵀ over the keys that may be seen)·v;  statistics = m and log Σ exp(score - m), m the largest
//   score; -inf and 0 where none is seen
// Never more than attention_tile x attention_tile scores at a time. A query that sees nothing gets zeros.
// Hint: parallel_for over the B·H heads. For each tile of queries, over the tiles of keys: scores (gemm), visible.hide,
// and for each row the new maximum m' = max(m, ...): scale what is in out and the sum by exp(m - m'), then add
// exp(score - m') to the sum and exp(score - m')·v to out (gemm with accumulate). Divide by the sum at the end. Mind a
// row that has seen nothing yet: m and m' are both -inf.
AttentionForward tiled_attention_forward(const Array& q, const Array& k, const Array& v, const AttentionCall& call) {
  const Sizes n = sizes_of(q, k, v);
  todo("18.8");
}

// 18.8 tiled_attention_backward  grad, out (B, H, T, V), q, k, v, statistics -> {dq, dk, dv}, shaped as q, k and v
// The pattern is computed again, tile by tile: P = exp((score - m) - log Σ). Not of their sum: added to an m of 10,000, the
// logarithm loses its fourth digit.
//   dv += Pᵀ·grad,  dP = grad·vᵀ,  dS = scale·P·(dP - Σ grad·out),  dq += dS·k,  dk += dSᵀ·q
// Hint: parallel_for over the B·G key/value heads, and inside it over the H/G heads that share one: two threads must
// never add to the same dk. Start from zeros.
Arrays tiled_attention_backward(const Array& grad, const Array& q, const Array& k, const Array& v, const Array& out,
                                const Array& statistics, const AttentionCall& call) {
  const Sizes n = sizes_of(q, k, v);
  todo("18.8");
}

}  // namespace rushlight
