#include "device_checks.hpp"

namespace rushlight::test {
namespace {

using namespace cuda;

struct Case {
  AttentionSizes sizes;
  std::vector<std::uint8_t> mask;  // laid out as sizes.mask says; empty: none
};

struct Reference {
  std::vector<double> out, log_sum;
};

// Plain sums in double precision, with the whole pattern.
Reference attend(const Case& c, const std::vector<double>& q, const std::vector<double>& k,
                 const std::vector<double>& v) {
  const AttentionSizes& s = c.sizes;
  Reference r;
  for (std::int64_t row = 0; row < s.batch * s.heads * s.queries; ++row) {
    const std::int64_t head = row / s.queries, t = row % s.queries;
    const std::int64_t group = head / s.heads * s.groups + head % s.heads * s.groups / s.heads;
    std::vector<double> weights(static_cast<std::size_t>(s.keys), 0.0);
    double total = 0;
    for (std::int64_t key = 0; key < s.keys; ++key) {
      if (s.causal && key > t + s.keys - s.queries) continue;
      if (!c.mask.empty() && c.mask[place(s.mask, 0, (row * s.keys) + key)] == 0) continue;
      double score = 0;
      for (std::int64_t i = 0; i < s.depth; ++i)
        score += q[row * s.depth + i] * k[(group * s.keys + key) * s.depth + i];
      total += weights[key] = std::exp(score * static_cast<double>(s.scale));
    }
    for (std::int64_t i = 0; i < s.values; ++i) {
      double sum = 0;
      for (std::int64_t key = 0; key < s.keys; ++key) sum += weights[key] * v[(group * s.keys + key) * s.values + i];
      r.out.push_back(total == 0 ? 0 : sum / total);
    }
    r.log_sum.push_back(std::log(total));
  }
  return r;
}

struct Operands {
  Array q, k, v, grad;
};

Operands operands(const AttentionSizes& s) {
  return {uniform({s.batch, s.heads, s.queries, s.depth}, 1, -1, 1),
          uniform({s.batch, s.groups, s.keys, s.depth}, 2, -1, 1),
          uniform({s.batch, s.groups, s.keys, s.values}, 3, 0.5, 2),
          uniform({s.batch, s.heads, s.queries, s.values}, 4, 0.5, 2)};
}

std::vector<Case> cases() {
  Case plain{
      {.batch = 2, .heads = 2, .groups = 2, .queries = 3, .keys = 5, .depth = 4, .values = 3, .scale = Real(0.5)}, {}};
  Case causal{{.batch = 1,
               .heads = 4,
               .groups = 2,
               .queries = 4,
               .keys = 6,
               .depth = 33,
               .values = 40,
               .causal = true,
               .scale = Real(0.2)},
              {}};
  Case masked = causal;
  masked.sizes.causal = false;
  masked.sizes.mask = {.rank = 4, .sizes = {1, 4, 4, 6}, .strides = {{0, 0, 6, 1}}};
  masked.mask = {1, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0,
                 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 1};  // the second query sees nothing
  Case shared_by_four{
      {.batch = 1, .heads = 4, .groups = 1, .queries = 2, .keys = 3, .depth = 2, .values = 2, .scale = Real(0.5)}, {}};
  Case deepest{{.batch = 1,
                .heads = 1,
                .groups = 1,
                .queries = 2,
                .keys = 2,
                .depth = attention_most_depth,
                .values = attention_most_depth,
                .scale = Real(0.1)},
               {}};
  Case each_text_its_own{
      {.batch = 2, .heads = 2, .groups = 2, .queries = 2, .keys = 3, .depth = 2, .values = 2, .scale = Real(0.5)},
      {1, 1, 0, 1, 0, 1, 0, 1, 1, 1, 0, 0}};
  each_text_its_own.sizes.mask = {.rank = 4, .sizes = {2, 2, 2, 3}, .strides = {{6, 0, 3, 1}}};
  return {plain, causal, masked, shared_by_four, deepest, each_text_its_own};
}

Mask mask_of(const Case& c) {
  return c.mask.empty() ? Mask() : Mask({static_cast<std::int64_t>(c.mask.size())}, c.mask).to(gpu);
}

TEST(Unit_22_8, AttendsWithoutTheScores) {
  const CudaHere device;
  for (const Case& c : cases()) {
    const AttentionSizes& s = c.sizes;
    const Operands in = operands(s);
    const Reference expected = attend(c, to_doubles(in.q), to_doubles(in.k), to_doubles(in.v));
    const Mask mask = mask_of(c);
    for (const bool logs : {false, true}) {
      const auto run = [&](const Arrays& a) {
        Array out = on_gpu(in.grad.shape()), log_sum = on_gpu({s.batch, s.heads, s.queries});
        attention_rows(view_to_write(out), view_to_write(log_sum), view(a[0]), view(a[1]), view(a[2]), view(mask), s);
        return logs ? log_sum : out;
      };
      const Array wanted =
          logs ? tabulated({s.batch, s.heads, s.queries}, [&](std::int64_t i) { return expected.log_sum[i]; })
               : tabulated(in.grad.shape(), [&](std::int64_t i) { return expected.out[i]; });
      EXPECT_TRUE(agrees(run, {in.q, in.k, in.v}, wanted, {2e-5, 2e-6}));
    }
  }
}

TEST(Unit_22_8, LargeScoresDoNotOverflow) {
  const CudaHere device;
  const AttentionSizes s{.batch = 1, .heads = 1, .groups = 1, .queries = 1, .keys = 3, .depth = 1, .values = 1};
  const Array q = Array({1}, {1}).to(gpu), k = Array({3}, {200, 201, 202}).to(gpu), v = Array({3}, {1, 2, 4}).to(gpu);
  Array out = on_gpu({1}), log_sum = on_gpu({1});
  attention_rows(view_to_write(out), view_to_write(log_sum), view(q), view(k), view(v), Bytes(), s);
  const double total = 1 + std::exp(-1) + std::exp(-2);
  EXPECT_NEAR(out.item(), (4 + 2 * std::exp(-1) + std::exp(-2)) / total, 1e-5);
  EXPECT_NEAR(log_sum.item(), 202 + std::log(total), 1e-4);
}

TEST(Unit_22_8, ScoresMayLieFarBelowZero) {
  const CudaHere device;
  const AttentionSizes s{.batch = 1, .heads = 1, .groups = 1, .queries = 1, .keys = 2, .depth = 1, .values = 1};
  const Array q = Array({1}, {1}).to(gpu), v = Array({2}, {1, 3}).to(gpu);
  for (const double score : {-5000.0, -1e31, -3e38}) {
    const Array k = filled({2}, static_cast<Real>(score));
    Array out = on_gpu({1}), log_sum = on_gpu({1});
    attention_rows(view_to_write(out), view_to_write(log_sum), view(q), view(k), view(v), Bytes(), s);
    EXPECT_NEAR(out.item(), 2, 1e-5) << score;
    EXPECT_NEAR(log_sum.item(), score + std::log(2), 2e-6 * -score) << score;
  }
}

// Two texts of one query: the first has no score but -inf, the second sees its two keys in the middle. Whatever the
// value of a key that is not seen is, nobody looks at it.
struct Endless {
  AttentionSizes sizes{.batch = 2, .heads = 1, .groups = 1, .queries = 1, .keys = 4, .depth = 1, .values = 1};
  Array q = ones({2}), k = Array({8}, {-inf, -inf, -inf, -inf, -inf, 0, 1, -inf});
  Array v = Array({8}, {1, static_cast<Real>(not_a_number), inf, -inf, inf, 2, 4, static_cast<Real>(not_a_number)});
  Array grad = ones({2});
  Real p1 = static_cast<Real>(1 / (1 + std::exp(1.0))), p2 = 1 - p1, seen = 2 * p1 + 4 * p2;
  Array out = Array({2}, {0, seen});
  Array log_sum = Array({2}, {-inf, static_cast<Real>(std::log(1 + std::exp(1.0)))});
};

TEST(Unit_22_8, AScoreOfMinusInfinityIsNotSeen) {
  const CudaHere device;
  const Endless e;
  for (const bool logs : {false, true}) {
    const auto run = [&](const Arrays& a) {
      Array out = on_gpu({2}), log_sum = on_gpu({2});
      attention_rows(view_to_write(out), view_to_write(log_sum), view(a[0]), view(a[1]), view(a[2]), Bytes(), e.sizes);
      return logs ? log_sum : out;
    };
    EXPECT_TRUE(agrees(run, {e.q, e.k, e.v}, logs ? e.log_sum : e.out, {2e-5, 2e-6}));
  }
}

TEST(GradientFlow_22_8, NoGradientGoesToAScoreOfMinusInfinity) {
  const CudaHere device;
  const Endless e;
  const Real above = e.p1 * (2 - e.seen), below = e.p2 * (4 - e.seen);  // dL/dscore; k is 0 and 1 there, q is 1
  const Arrays expected{Array({2}, {0, below}), Array({8}, {0, 0, 0, 0, 0, above, below, 0}),
                        Array({8}, {0, 0, 0, 0, 0, e.p1, e.p2, 0})};
  for (const std::size_t which : {0, 1, 2}) {
    const auto run = [&](const Arrays& a) {
      Array dq = on_gpu({2}), dk = on_gpu({8}), dv = on_gpu({8});
      attention_backward_q(view_to_write(dq), view(a[3]), view(a[5]), view(a[0]), view(a[1]), view(a[2]), view(a[4]),
                           Bytes(), e.sizes);
      attention_backward_kv(view_to_write(dk), view_to_write(dv), view(a[3]), view(a[5]), view(a[0]), view(a[1]),
                            view(a[2]), view(a[4]), Bytes(), e.sizes);
      return which == 0 ? dq : which == 1 ? dk : dv;
    };
    EXPECT_TRUE(agrees(run, {e.q, e.k, e.v, e.grad, e.log_sum, e.out}, expected[which], {2e-5, 2e-6})) << which;
  }
}

TEST(GradientFlow_22_8, EveryOperandHasItsGradient) {
  const CudaHere device;
  for (const Case& c : cases()) {
    const AttentionSizes& s = c.sizes;
    const Operands in = operands(s);
    const std::vector<double> parts[] = {to_doubles(in.q), to_doubles(in.k), to_doubles(in.v)};
    const std::vector<double> grad = to_doubles(in.grad);
    const Reference reference = attend(c, parts[0], parts[1], parts[2]);
    const auto loss = [&](std::size_t which, std::size_t at, double step) {
      std::vector<double> moved[] = {parts[0], parts[1], parts[2]};
      moved[which][at] += step;
      const Reference r = attend(c, moved[0], moved[1], moved[2]);
      double sum = 0;
      for (std::size_t i = 0; i < grad.size(); ++i) sum += grad[i] * r.out[i];
      return sum;
    };
    const Array log_sum =
        tabulated({s.batch, s.heads, s.queries}, [&](std::int64_t i) { return reference.log_sum[i]; });
    const Array inner = tabulated({s.batch, s.heads, s.queries}, [&](std::int64_t row) {
      double sum = 0;
      for (std::int64_t i = row * s.values; i < (row + 1) * s.values; ++i) sum += grad[i] * reference.out[i];
      return sum;
    });
    const Mask mask = mask_of(c);
    const Shape shapes[] = {in.q.shape(), in.k.shape(), in.v.shape()};
    for (const std::size_t which : {0, 1, 2}) {
      const auto run = [&](const Arrays& a) {
        Array dq = on_gpu(shapes[0]), dk = on_gpu(shapes[1]), dv = on_gpu(shapes[2]);
        attention_backward_q(view_to_write(dq), view(a[3]), view(a[5]), view(a[0]), view(a[1]), view(a[2]), view(a[4]),
                             view(mask), s);
        attention_backward_kv(view_to_write(dk), view_to_write(dv), view(a[3]), view(a[5]), view(a[0]), view(a[1]),
                              view(a[2]), view(a[4]), view(mask), s);
        return which == 0 ? dq : which == 1 ? dk : dv;
      };
      const Array expected = tabulated(shapes[which], [&](std::int64_t i) {
        const auto at = static_cast<std::size_t>(i);
        return (loss(which, at, 1e-5) - loss(which, at, -1e-5)) / 2e-5;
      });
      EXPECT_TRUE(agrees(run, {in.q, in.k, in.v, in.grad, log_sum, inner}, expected, {2e-4, 1e-5})) << which;
    }
  }
}

}  // namespace
}  // namespace rushlight::test
