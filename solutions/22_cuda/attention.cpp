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
  Real sum = 0;
  for (int j = 0; j < kept; ++j) sum += a.part[j] * b.part[j];
  for (int step = warpSize / 2; step > 0; step /= 2) sum += __shfl_xor_sync(whole_warp, sum, step);
  return sum;
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
  const std::int64_t row = blockIdx.x;
  const auto [head, t] = query_of(row, s);
  const std::int64_t first_key = group_of(head, s) * s.keys;
  const Spread query = load(q, row * s.depth, s.depth);
  Spread total{};
  Real most = functors::Max::identity(), sum = 0;
  for (std::int64_t key = 0; key < s.keys; ++key) {
    if (!sees(mask, s, head, t, key)) continue;
    const Real score = s.scale * dot(query, load(k, (first_key + key) * s.depth, s.depth));
    if (score == functors::Max::identity()) continue;
    const Real now = functors::Max()(most, score);
    const Real shrink = std::exp(most - now), weight = std::exp(score - now);
    for (int j = 0; j < kept; ++j) total.part[j] *= shrink;
    add_scaled(total, weight, load(v, (first_key + key) * s.values, s.values));
    sum = sum * shrink + weight;
    most = now;
  }
  for (int j = 0; j < kept; ++j) total.part[j] = sum == 0 ? 0 : total.part[j] / sum;
  store(out, row * s.values, s.values, total);
  if (threadIdx.x == 0) log_sum[row] = most + std::log(sum);
}

// 22.8 backward_q_kernel  dq (B, H, T, K); block blockIdx.x is one warp with one query
//   for each key that it sees: p = exp(scale · q·k - log_sum);  ds = p · (grad·v - inner);  dq += scale · ds · k
// Hint: the walk of the forward pass; nothing has to shrink, for log_sum is known. It may be -inf, as a score may.
__global__ void backward_q_kernel(Global<Real> dq, Reals grad, Reals inner, Reals q, Reals k, Reals v, Reals log_sum,
                                  Bytes mask, AttentionSizes s) {
  const std::int64_t row = blockIdx.x;
  const auto [head, t] = query_of(row, s);
  const std::int64_t first_key = group_of(head, s) * s.keys;
  const Spread query = load(q, row * s.depth, s.depth), above = load(grad, row * s.values, s.values);
  const Real log_total = log_sum[row], along = inner[row];
  Spread total{};
  for (std::int64_t key = 0; key < s.keys; ++key) {
    if (!sees(mask, s, head, t, key)) continue;
    const Spread other = load(k, (first_key + key) * s.depth, s.depth);
    const Real score = s.scale * dot(query, other);
    if (score == functors::Max::identity()) continue;
    const Real p = std::exp(score - log_total);
    const Real ds = p * (dot(above, load(v, (first_key + key) * s.values, s.values)) - along);
    add_scaled(total, s.scale * ds, other);
  }
  store(dq, row * s.depth, s.depth, total);
}

// 22.8 backward_kv_kernel  dk (B, G, S, K), dv (B, G, S, V); block blockIdx.x is one warp with one key
//   for each query of each head of its group that sees it:  dv += p · grad;  dk += scale · ds · q, p and ds as above
// Hint: heads of group g: (g % G) · (H / G) and the H / G - 1 after it, in batch g / G.
__global__ void backward_kv_kernel(Global<Real> dk, Global<Real> dv, Reals grad, Reals inner, Reals q, Reals k, Reals v,
                                   Reals log_sum, Bytes mask, AttentionSizes s) {
  const std::int64_t group = blockIdx.x / s.keys, key = blockIdx.x % s.keys, shared_by = s.heads / s.groups;
  const std::int64_t first_head = group / s.groups * s.heads + group % s.groups * shared_by;
  const Spread mine = load(k, blockIdx.x * s.depth, s.depth), value = load(v, blockIdx.x * s.values, s.values);
  Spread total_k{}, total_v{};
  for (std::int64_t head = first_head; head < first_head + shared_by; ++head) {
    for (std::int64_t t = 0; t < s.queries; ++t) {
      if (!sees(mask, s, head, t, key)) continue;
      const std::int64_t row = head * s.queries + t;
      const Spread query = load(q, row * s.depth, s.depth), above = load(grad, row * s.values, s.values);
      const Real log_total = log_sum[row], along = inner[row];
      const Real score = s.scale * dot(query, mine);
      if (score == functors::Max::identity()) continue;
      const Real p = std::exp(score - log_total);
      const Real ds = p * (dot(above, value) - along);
      add_scaled(total_v, p, above);
      add_scaled(total_k, s.scale * ds, query);
    }
  }
  store(dk, blockIdx.x * s.depth, s.depth, total_k);
  store(dv, blockIdx.x * s.values, s.values, total_v);
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
