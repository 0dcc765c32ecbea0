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

// solution helper
// Calls visit(tile) for the tiles of the given queries that are not hidden from end to end.
template <class Visit>
void for_each_tile(const Sizes& n, std::int64_t first_query, const Visible& visible, Visit visit) {
  const std::int64_t queries = std::min(attention_tile, n.T - first_query);
  for (std::int64_t key = 0; key < n.S; key += attention_tile) {
    if (visible.nothing_from(key, first_query + queries - 1)) return;
    visit(Tile{first_query, queries, key, std::min(attention_tile, n.S - key)});
  }
}

// scale · q·kᵀ for a tile, hidden where it has to be.
void scores_of(const Tile& tile, const Real* q, const Real* k, std::int64_t K, Real scale, const Visible& visible,
               Real* scores) {
  gemm({.m = tile.queries, .n = tile.keys, .k = K, .transpose_b = true}, q + tile.first_query * K,
       k + tile.first_key * K, scores);
  for (std::int64_t i = 0; i < tile.queries * tile.keys; ++i) scores[i] *= scale;
  visible.hide(tile, scores);
}

// What a query has seen so far.
struct Running {
  Real largest = hidden;
  Real sum = 0;  // Σ exp(score - largest)
};

// Turns a row of scores into exp(score - largest) and notes it in `so_far`. Returns the factor by which everything that
// was added up before has to shrink.
Real absorb(Real* row, std::int64_t length, Running& so_far) {
  const Real largest = std::max(so_far.largest, row_max(row, length));
  const Real before = largest == hidden ? 0 : largest;  // -inf - -inf would be NaN
  const Real shrink = exp_of(so_far.largest - before);
  for (std::int64_t j = 0; j < length; ++j) row[j] = exp_of(row[j] - before);
  so_far = {largest, so_far.sum * shrink + row_sum(row, length)};
  return shrink;
}

// One head: out (T, V) and statistics (T, 2).
void forward_head(const Sizes& n, const Real* q, const Real* k, const Real* v, Real scale, const Visible& visible,
                  Real* out, Real* statistics) {
  std::vector<Real> pattern(static_cast<std::size_t>(attention_tile * std::min(n.S, attention_tile)));
  for (std::int64_t query = 0; query < n.T; query += attention_tile) {
    Running so_far[attention_tile] = {};
    const std::int64_t queries = std::min(attention_tile, n.T - query);
    Real* rows = out + query * n.V;
    std::fill_n(rows, queries * n.V, Real{0});
    for_each_tile(n, query, visible, [&](const Tile& tile) {
      scores_of(tile, q, k, n.K, scale, visible, pattern.data());
      for (std::int64_t i = 0; i < queries; ++i) {
        const Real shrink = absorb(pattern.data() + i * tile.keys, tile.keys, so_far[i]);
        for (std::int64_t c = 0; c < n.V; ++c) rows[i * n.V + c] *= shrink;
      }
      gemm({.m = queries, .n = n.V, .k = tile.keys, .accumulate = true}, pattern.data(), v + tile.first_key * n.V,
           rows);
    });
    for (std::int64_t i = 0; i < queries; ++i) {
      const Running& row = so_far[i];
      const Real share = row.sum == 0 ? 0 : 1 / row.sum;  // 0 where a query sees nothing
      for (std::int64_t c = 0; c < n.V; ++c) rows[i * n.V + c] *= share;
      Real* kept = statistics + 2 * (query + i);
      kept[0] = row.sum == 0 ? hidden : row.largest;
      kept[1] = row.sum == 0 ? 0 : std::log(row.sum);
    }
  }
}

// What one head's backward pass reads, and where it adds to.
struct Head {
  const Real *grad, *q, *k, *v, *out, *statistics;
  Real *dq, *dk, *dv;
};

// Adds one tile's share to dq, dk and dv. With P the pattern: dV += Pᵀ·G, dP = G·Vᵀ, dS = P·(dP - Σ G·out), and
// dQ += dS·K, dK += dSᵀ·Q.
void backward_tile(const Sizes& n, const Tile& tile, const Head& head, Real scale, const Visible& visible,
                   Real* pattern, Real* dpattern) {
  const auto [query, queries, key, keys] = tile;
  const Real* grad = head.grad + query * n.V;
  scores_of(tile, head.q, head.k, n.K, scale, visible, pattern);
  for (std::int64_t i = 0; i < queries; ++i) {
    const Real largest = head.statistics[2 * (query + i)], log_sum = head.statistics[2 * (query + i) + 1];
    Real* row = pattern + i * keys;
    if (largest == hidden) {
      std::fill_n(row, keys, Real{0});
    } else {
      for (std::int64_t j = 0; j < keys; ++j) row[j] = exp_of((row[j] - largest) - log_sum);
    }
  }
  gemm({.m = keys, .n = n.V, .k = queries, .transpose_a = true, .accumulate = true}, pattern, grad,
       head.dv + key * n.V);
  gemm({.m = queries, .n = keys, .k = n.V, .transpose_b = true}, grad, head.v + key * n.V, dpattern);
  for (std::int64_t i = 0; i < queries; ++i) {
    const Real mean = row_dot(grad + i * n.V, head.out + (query + i) * n.V, n.V);
    Real* row = dpattern + i * keys;
    for (std::int64_t j = 0; j < keys; ++j) row[j] = scale * pattern[i * keys + j] * (row[j] - mean);
  }
  gemm({.m = queries, .n = n.K, .k = keys, .accumulate = true}, dpattern, head.k + key * n.K, head.dq + query * n.K);
  gemm({.m = keys, .n = n.K, .k = queries, .transpose_a = true, .accumulate = true}, dpattern, head.q + query * n.K,
       head.dk + key * n.K);
}
// end solution

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
  // solution 18.8
  AttentionForward result{Array({n.B, n.H, n.T, n.V}), Array({n.B, n.H, n.T, 2})};
  const Real *queries = q.data().data(), *keys = k.data().data(), *values = v.data().data();
  Real* out = result.out.mutable_data().data();
  Real* statistics = result.statistics.mutable_data().data();
  parallel_for(n.B * n.H, 1, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t head = first; head < last; ++head) {
      const std::int64_t shared = head / n.H * n.G + head % n.H / (n.H / n.G);  // whose keys and values it reads
      forward_head(n, queries + head * n.T * n.K, keys + shared * n.S * n.K, values + shared * n.S * n.V, call.scale,
                   Visible(call, n, head / n.H, head % n.H), out + head * n.T * n.V, statistics + 2 * head * n.T);
    }
  });
  return result;
  // end solution
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
  // solution 18.8
  Arrays result{zeros(q.shape()), zeros(k.shape()), zeros(v.shape())};
  const std::int64_t sharing = n.H / n.G;
  const Head all{grad.data().data(),
                 q.data().data(),
                 k.data().data(),
                 v.data().data(),
                 out.data().data(),
                 statistics.data().data(),
                 result[0].mutable_data().data(),
                 result[1].mutable_data().data(),
                 result[2].mutable_data().data()};
  parallel_for(n.B * n.G, 1, [&](std::int64_t first, std::int64_t last) {
    const auto tile_size = static_cast<std::size_t>(attention_tile * std::min(n.S, attention_tile));
    std::vector<Real> pattern(tile_size), dpattern(tile_size);
    for (std::int64_t head = first * sharing; head < last * sharing; ++head) {
      const std::int64_t shared = head / sharing, TK = n.T * n.K, TV = n.T * n.V, SK = n.S * n.K, SV = n.S * n.V;
      const Head mine{all.grad + head * TV, all.q + head * TK,    all.k + shared * SK,
                      all.v + shared * SV,  all.out + head * TV,  all.statistics + 2 * head * n.T,
                      all.dq + head * TK,   all.dk + shared * SK, all.dv + shared * SV};
      const Visible visible(call, n, head / n.H, head % n.H);
      for (std::int64_t query = 0; query < n.T; query += attention_tile) {
        for_each_tile(n, query, visible, [&](const Tile& tile) {
          backward_tile(n, tile, mine, call.scale, visible, pattern.data(), dpattern.data());
        });
      }
    }
  });
  return result;
  // end solution
}

}  // namespace rushlight
