// attention.cpp: attention without the (T, S) matrix. A warp walks over the keys with a running maximum and a running sum:
// when a larger score comes, what was added up so far shrinks. The backward pass computes the scores again.
#include "22_cuda/kernels.hpp"

namespace rushlight::cuda {
namespace {

constexpr int kept = static_cast<int>(attention_most_depth) / 32;  // numbers of a vector that a lane keeps

// A vector spread over a warp: lane l keeps elements l, l + 32, ...; those beyond the end are 0.
struct Spread {
  Real part[kept];
};

__device__ Spread load(Reals x, std::int64_t begin, std::int64_t count) {
  Spread s;
  for (int j = 0; j < kept; ++j) {
    const std::int64_t i = j * warpSize + threadIdx.x;
    s.part[j] = 0;
    if (i < count) s.part[j] = x[begin + i];
  }
  return s;
}

__device__ void store(Global<Real> x, std::int64_t begin, std::int64_t count, const Spread& s) {
  for (int j = 0; j < kept; ++j) {
    const std::int64_t i = j * warpSize + threadIdx.x;
    if (i < count) x[begin + i] = s.part[j];
  }
}

__device__ void add_scaled(Spread& to, Real factor, const Spread& x) {
  for (int j = 0; j < kept; ++j) to.part[j] += factor * x.part[j];
}

// 22.8 dot  two spread vectors -> Σ a·b, the same bits in every lane
// Hint: four products in the lane, then the warp.
__device__ Real dot(const Spread& a, const Spread& b) {
  todo("22.8");
}

// Where things lie: `row` counts the queries of all batches and heads.
struct Query {
  std::int64_t head;  // of all batches
  std::int64_t t;
};
__device__ Query query_of(std::int64_t row, const AttentionSizes& s) { return {row / s.queries, row % s.queries}; }
__device__ std::int64_t group_of(std::int64_t head, const AttentionSizes& s) {
  return head / s.heads * s.groups + head % s.heads / (s.heads / s.groups);
}
__device__ bool sees(Bytes mask, const AttentionSizes& s, std::int64_t head, std::int64_t t, std::int64_t key) {
  if (s.causal && key > t + s.keys - s.queries) return false;
  return !mask || mask[place(s.mask, 0, (head * s.queries + t) * s.keys + key)] != 0;
}

Grid warps(std::int64_t count) { return {.blocks = {static_cast<unsigned>(count)}, .threads = {32}}; }

}  // namespace

// 22.8 forward_kernel  out (B, H, T, V), log_sum (B, H, T); block blockIdx.x is one warp with one query
//   for each key that it sees: score = scale · q·k;  m' = max(m, score);  everything so far times exp(m - m'), then
//   sum += exp(score - m'),  out += exp(score - m') · v.   At the end out / sum and m + log(sum); 0 and -inf without a key
// Hint: m begins at -inf, and exp(-inf - m') is 0; but -inf - -inf is NaN: a key whose score is -inf is none that it sees.
__global__ void forward_kernel(Global<Real> out, Global<Real> log_sum, Reals q, Reals k, Reals v, Bytes mask,
                               AttentionSizes s) {
  todo("22.8");
}

// 22.8 backward_q_kernel  dq (B, H, T, K); block blockIdx.x is one warp with one query
//   for each key that it sees: p = exp(scale · q·k - log_sum);  ds = p · (grad·v - inner);  dq += scale · ds · k
// Hint: the walk of the forward pass; nothing has to shrink, for log_sum is known. It may be -inf, as a score may.
__global__ void backward_q_kernel(Global<Real> dq, Reals grad, Reals inner, Reals q, Reals k, Reals v, Reals log_sum,
                                  Bytes mask, AttentionSizes s) {
  todo("22.8");
}

// 22.8 backward_kv_kernel  dk (B, G, S, K), dv (B, G, S, V); block blockIdx.x is one warp with one key
//   for each query of each head of its group that sees it:  dv += p · grad;  dk += scale · ds · q, p and ds as above
// Hint: heads of group g: (g % G) · (H / G) and the H / G - 1 after it, in batch g / G.
__global__ void backward_kv_kernel(Global<Real> dk, Global<Real> dv, Reals grad, Reals inner, Reals q, Reals k, Reals v,
                                   Reals log_sum, Bytes mask, AttentionSizes s) {
  todo("22.8");
}

void attention_rows(Global<Real> out, Global<Real> log_sum, Reals q, Reals k, Reals v, Bytes mask,
                    const AttentionSizes& sizes) {
  launch(forward_kernel, warps(log_sum.size()), out, log_sum, q, k, v, mask, sizes);
}

void attention_backward_q(Global<Real> dq, Reals grad, Reals inner, Reals q, Reals k, Reals v, Reals log_sum,
                          Bytes mask, const AttentionSizes& sizes) {
  launch(backward_q_kernel, warps(log_sum.size()), dq, grad, inner, q, k, v, log_sum, mask, sizes);
}

void attention_backward_kv(Global<Real> dk, Global<Real> dv, Reals grad, Reals inner, Reals q, Reals k, Reals v,
                           Reals log_sum, Bytes mask, const AttentionSizes& sizes) {
  launch(backward_kv_kernel, warps(sizes.batch * sizes.groups * sizes.keys), dk, dv, grad, inner, q, k, v, log_sum,
         mask, sizes);
}

}  // namespace rushlight::cuda
