// attention_oracle.hpp: attention with its derivatives as plain loops over double, and examples to try it on.
#pragma once

#include <functional>

#include "12_attention/attention.hpp"
#include "plain.hpp"

namespace rushlight::test {

// B batch, H heads, G key/value heads, T queries, S keys, K width of a head, V of a value.
struct AttentionSizes {
  std::int64_t B = 1, H = 1, G = 1, T = 1, S = 1, K = 3, V = 2;
};

inline void PrintTo(const AttentionSizes& n, std::ostream* out) {
  *out << fmt::format("B {} H {} G {} T {} S {} K {} V {}", n.B, n.H, n.G, n.T, n.S, n.K, n.V);
}

struct AttentionInputs {
  Array q, k, v, grad;
};

inline AttentionInputs attention_inputs(const AttentionSizes& n, std::uint64_t seed) {
  return {randn({n.B, n.H, n.T, n.K}, seed), randn({n.B, n.G, n.S, n.K}, seed + 1),
          randn({n.B, n.G, n.S, n.V}, seed + 2), randn({n.B, n.H, n.T, n.V}, seed + 3)};
}

struct PlainAttention {
  Doubles out, statistics, dq, dk, dv;
};

inline bool may_see(const AttentionCall& call, const AttentionSizes& n, std::int64_t b, std::int64_t h, std::int64_t t,
                    std::int64_t s) {
  if (call.causal && s > t + n.S - n.T) return false;
  if (!call.mask.defined()) return true;
  const std::array<std::int64_t, 4> place{b, h, t, s};
  const Shape& shape = call.mask.shape();
  std::int64_t flat = 0;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    flat = flat * shape[axis] + (shape[axis] == 1 ? 0 : place[4 - shape.rank() + axis]);
  }
  return call.mask.data()[flat] != 0;
}

inline PlainAttention plain_attention(const AttentionInputs& in, const AttentionCall& call) {
  const AttentionSizes n{in.q.dim(0), in.q.dim(1), in.k.dim(1), in.q.dim(2), in.k.dim(2), in.q.dim(3), in.v.dim(3)};
  const Real *q = in.q.data().data(), *k = in.k.data().data(), *v = in.v.data().data(), *grad = in.grad.data().data();
  PlainAttention r;
  r.dq.assign(in.q.data().size(), 0);
  r.dk.assign(in.k.data().size(), 0);
  r.dv.assign(in.v.data().size(), 0);
  for (std::int64_t row = 0; row < n.B * n.H * n.T; ++row) {
    const std::int64_t t = row % n.T, h = row / n.T % n.H, b = row / n.T / n.H;
    const std::int64_t first_key = (b * n.G + h / (n.H / n.G)) * n.S;
    Doubles p(static_cast<std::size_t>(n.S), -std::numeric_limits<double>::infinity());
    double largest = -std::numeric_limits<double>::infinity(), total = 0;
    for (std::int64_t s = 0; s < n.S; ++s) {
      if (!may_see(call, n, b, h, t, s)) continue;
      p[s] = 0;
      for (std::int64_t i = 0; i < n.K; ++i) {
        p[s] += call.scale * static_cast<double>(q[row * n.K + i]) * k[(first_key + s) * n.K + i];
      }
      largest = std::max(largest, p[s]);
    }
    const bool blind = std::isinf(largest) && largest < 0;
    for (double& each : p) {
      each = blind ? 0 : std::exp(each - largest);
      total += each;
    }
    r.statistics.push_back(largest);
    r.statistics.push_back(blind ? 0 : std::log(total));
    double mean = 0;  // of the pattern's gradient, weighted with the pattern
    Doubles dp(p.size());
    Doubles out(static_cast<std::size_t>(n.V));
    for (std::int64_t s = 0; s < n.S; ++s) {
      if (p[s] == 0) continue;
      p[s] /= total;
      for (std::int64_t i = 0; i < n.V; ++i) {
        const double value = v[(first_key + s) * n.V + i], g = grad[row * n.V + i];
        out[i] += p[s] * value;
        dp[s] += g * value;
        r.dv[(first_key + s) * n.V + i] += p[s] * g;
      }
      mean += p[s] * dp[s];
    }
    r.out.insert(r.out.end(), out.begin(), out.end());
    for (std::int64_t s = 0; s < n.S; ++s) {
      const double ds = call.scale * p[s] * (dp[s] - mean);
      if (p[s] == 0) continue;
      for (std::int64_t i = 0; i < n.K; ++i) {
        r.dq[row * n.K + i] += ds * k[(first_key + s) * n.K + i];
        r.dk[(first_key + s) * n.K + i] += ds * q[row * n.K + i];
      }
    }
  }
  return r;
}

// True with probability 0.6.
inline Mask random_mask(const Shape& shape, std::uint64_t seed) {
  Generator generator(seed);
  Mask mask(shape);
  for (std::uint8_t& entry : mask.mutable_data()) entry = generator.uniform() < 0.6;
  return mask;
}

constexpr Tolerance forward_tolerance = double_precision ? Tolerance{1e-10, 1e-12} : Tolerance{2e-5, 2e-6};
constexpr Tolerance backward_tolerance = double_precision ? Tolerance{1e-9, 1e-11} : Tolerance{5e-5, 1e-5};

// Forward and backward, every entry.
inline void expect_attention(const AttentionInputs& in, const AttentionCall& call,
                             Tolerance forward = forward_tolerance, Tolerance backward = backward_tolerance) {
  const PlainAttention expected = plain_attention(in, call);
  const Shape rows{in.q.dim(0), in.q.dim(1), in.q.dim(2), 2};
  dirty(in.grad.shape());
  const AttentionForward actual = tiled_attention_forward(in.q, in.k, in.v, call);
  ASSERT_TRUE(near(actual.out, in.grad.shape(), expected.out, forward)) << "out";
  ASSERT_TRUE(near(actual.statistics, rows, expected.statistics, forward)) << "statistics";
  dirty(in.q.shape());
  dirty(in.k.shape());
  const Arrays gradients = tiled_attention_backward(in.grad, in.q, in.k, in.v, actual.out, actual.statistics, call);
  ASSERT_EQ(gradients.size(), 3U);
  ASSERT_TRUE(near(gradients[0], in.q.shape(), expected.dq, backward)) << "dq";
  ASSERT_TRUE(near(gradients[1], in.k.shape(), expected.dk, backward)) << "dk";
  ASSERT_TRUE(near(gradients[2], in.v.shape(), expected.dv, backward)) << "dv";
}

}  // namespace rushlight::test
