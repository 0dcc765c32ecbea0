// Scaled dot-product attention as a whole: against plain loops, against golden values, and its laws.
#include "inputs.hpp"

namespace rushlight::test {
namespace {

void expect_plain(const Array& q, const Array& k, const Array& v, const AttentionOptions& options,
                  const PlainOptions& plain) {
  const Array out = attend(q, k, v, options);
  EXPECT_TRUE(
      near(out, {q.dim(0), q.dim(1), q.dim(2), v.dim(3)}, plain_attention(q, k, v, plain).out, attention_tolerance));
}

// --- the convention, by hand ---------------------------------------------------------------------------------------

// All keys fit alike, so the output is the mean of what is seen: of 1 and 100. Under the opposite convention it would
// be 10, without a mask 37.
TEST(Unit_12_5, TrueMayAttend) {
  const Array q = zeros({1, 1, 1, 2}), k = randn({1, 1, 3, 2}, 1), v({1, 1, 3, 1}, {1, 10, 100});
  EXPECT_TRUE(near(attend(q, k, v, {.mask = mask_of({3}, {1, 0, 1})}), {1, 1, 1, 1}, {50.5}));
  EXPECT_TRUE(near(attend(q, k, v, {.mask = mask_of({3}, {0, 1, 0})}), {1, 1, 1, 1}, {10}));
  EXPECT_TRUE(near(attend(q, k, v), {1, 1, 1, 1}, {37}));
}

// q·k/√4 = log 1, log 2, log 5: weights 1/8, 2/8, 5/8. A pattern that came out uniform would give 37.
TEST(Unit_12_5, AttentionIsNotUniform) {
  const Array q({1, 1, 1, 4}, {2, 0, 0, 0}), v({1, 1, 3, 1}, {1, 10, 100});
  Array k = zeros({1, 1, 3, 4});
  for (int s = 0; s < 3; ++s) k.mutable_data()[s * 4] = static_cast<Real>(std::log(std::vector<double>{1, 2, 5}[s]));
  EXPECT_TRUE(near(attend(q, k, v), {1, 1, 1, 1}, {(1 + 20 + 500) / 8.0}));
  EXPECT_TRUE(near(attend(q, k, v, {.mask = mask_of({3}, {1, 1, 0})}), {1, 1, 1, 1}, {7}));
  EXPECT_TRUE(near(attend(q, k, v, {.scale = 1}), {1, 1, 1, 1}, {(1 + 40 + 2500) / 30.0}));  // weights squared
}

// --- against plain loops ---------------------------------------------------------------------------------------------

const std::vector<Sizes> many_sizes{
    {1, 1, 1, 1, 1, 1, 1}, {2, 3, 3, 4, 4, 5, 5}, {1, 4, 2, 3, 6, 2, 3}, {3, 2, 1, 5, 2, 4, 1}, {1, 6, 3, 1, 9, 8, 2}};

TEST(Unit_12_5, EverySizeWithoutAMask) {
  std::uint64_t seed = 10;
  for (const Sizes& n : many_sizes) {
    const Inputs in(n, seed++);
    expect_plain(in.q, in.k, in.v, {}, {});
    for (const double scale : {0.37, -0.37}) expect_plain(in.q, in.k, in.v, {.scale = scale}, {.scale = scale});
  }
}

TEST(Unit_12_5, EverySizeWithMasksAndBias) {
  std::uint64_t seed = 20;
  for (const Sizes& n : many_sizes) {
    const Inputs in(n, seed++);
    const Mask mask = random_mask({n.batch, 1, n.queries, n.keys}, seed);
    const Array bias = randn({n.heads, 1, n.keys}, seed);
    const MaySee seen = seen_through(mask);
    const MaySee both = [&](auto b, auto h, auto t, auto s) { return s <= t + n.keys - n.queries && seen(b, h, t, s); };
    expect_plain(in.q, in.k, in.v, {.mask = mask}, {.may_see = seen});
    expect_plain(in.q, in.k, in.v, {.mask = mask, .bias = bias}, {.may_see = seen, .bias = biased_by(bias)});
    expect_plain(in.q, in.k, in.v, {.mask = mask, .causal = true}, {.may_see = both});
  }
}

// --- golden values: the attention of a small decoder, computed elsewhere in float64 ----------------------------------

Array heads_first(const nlohmann::json& nested) { return permute(array_of(nested), {0, 2, 1, 3}); }

TEST(Unit_12_5, Golden) {
  const nlohmann::json all = golden("hooks.json").at("activations");
  const auto at = [&](const std::string& name) { return all.at("blocks.0.attn." + name); };
  Array pattern;
  const Array z = attend(heads_first(at("hook_q")), heads_first(at("hook_k")), heads_first(at("hook_v")),
                         {.causal = true, .on_pattern = [&](const Tensor& x) {
                            pattern = x.value();
                            return x;
                          }});
  EXPECT_TRUE(near(pattern, {1, 2, 3, 3}, values_of(at("hook_pattern")), attention_tolerance));
  EXPECT_TRUE(near(z, heads_first(at("hook_z")), attention_tolerance));
}

// --- laws
// --------------------------------------------------------------------------------------------------------------

TEST(Unit_12_5, TheFutureDoesNotReachThePast) {
  const Inputs in({2, 2, 2, 5, 5, 3, 3}, 30);
  const auto with_last = [](const Array& x, Real value) {
    Array changed = x.clone();
    const std::int64_t head = x.dim(2) * x.dim(3);
    for (std::int64_t i = 1; i <= x.dim(0) * x.dim(1); ++i) changed.mutable_data()[i * head - 1] = value;
    return changed;
  };
  const Array before = attend(in.q, in.k, in.v, {.causal = true});
  const Array after = attend(in.q, with_last(in.k, 50), with_last(in.v, -70), {.causal = true});
  EXPECT_TRUE(same_bits(slice(after, 2, {0, 4}), slice(before, 2, {0, 4})));
  EXPECT_FALSE(near(slice(after, 2, {4}), slice(before, 2, {4}), {0.1, 0.1}));
}

TEST(Unit_12_5, WhatStandsInThePaddingDoesNotMatter) {
  const Inputs in({2, 2, 2, 3, 4, 3, 3}, 31);
  const Mask mask = padding_mask(Indices({2}, {4, 2}), 4);
  Array k = in.k.clone(), v = in.v.clone();
  for (std::int64_t head = 2; head < 4; ++head) {  // of the second sequence: keys 2 and 3
    for (std::int64_t i = 6; i < 12; ++i) k.mutable_data()[head * 12 + i] = v.mutable_data()[head * 12 + i] = 1000;
  }
  EXPECT_TRUE(same_bits(attend(in.q, k, v, {.mask = mask}), attend(in.q, in.k, in.v, {.mask = mask})));
}

TEST(Unit_12_5, TheOrderOfTheKeysDoesNotMatter) {  // attention sees a set: positions must come from elsewhere
  const Inputs in({1, 2, 2, 3, 4, 3, 2}, 32);
  const auto rotated = [](const Array& x) { return concat(Arrays{slice(x, 2, {1}), slice(x, 2, {0, 1})}, 2); };
  EXPECT_TRUE(near(attend(in.q, rotated(in.k), rotated(in.v)), attend(in.q, in.k, in.v), attention_tolerance));
}

TEST(Unit_12_5, ACacheGivesTheLastRows) {  // the last two queries over all keys: what module 15 relies on
  const Inputs in({2, 4, 2, 6, 6, 3, 3}, 33);
  const Array whole = attend(in.q, in.k, in.v, {.causal = true});
  EXPECT_TRUE(near(attend(last_rows(in.q, 2), in.k, in.v, {.causal = true}), last_rows(whole, 2), attention_tolerance));
}

TEST(Unit_12_5, AQueryThatSeesNothingGetsZeros) {
  const Inputs in({1, 1, 1, 3, 2, 4, 2}, 34);
  const Array out = attend(in.q, in.k, in.v, {.causal = true});  // three queries, two keys: the first sees none
  EXPECT_EQ(out.data()[0], 0);
  EXPECT_EQ(out.data()[1], 0);
  EXPECT_TRUE(near(slice(out, 2, {1, 2}), slice(in.v, 2, {0, 1}), attention_tolerance)) << "the second sees the first";
}

TEST(Unit_12_5, HugeScoresStayFinite) {
  const Array q = Array::full({1, 1, 1, 2}, Real(1e4)), k({1, 1, 2, 2}, {Real(1e4), Real(1e4), Real(-1e4), Real(-1e4)});
  EXPECT_TRUE(near(attend(q, k, Array({1, 1, 2, 1}, {3, 5})), {1, 1, 1, 1}, {3}));
}

TEST(Unit_12_5, InputsAreLeftAlone) {
  const Inputs in({1, 2, 1, 3, 3, 2, 2}, 35);
  const Array q = in.q.clone(), k = in.k.clone(), v = in.v.clone();
  attend(in.q, in.k, in.v, {.causal = true});
  EXPECT_TRUE(same_bits(in.q, q));
  EXPECT_TRUE(same_bits(in.k, k));
  EXPECT_TRUE(same_bits(in.v, v));
}

TEST(Unit_12_5, NoCopyOfKeysOrValues) {
  attention_slot.remove(Device::cpu);  // the composed path is what this looks at
  const Inputs in({1, 4, 2, 3, 3, 2, 2}, 36);
  std::vector<std::string> ops;
  const OpObserver before = set_op_observer([&](const char* op, const Array&) { ops.emplace_back(op); });
  scaled_dot_product_attention(Tensor(in.q, true), Tensor(in.k, true), Tensor(in.v, true), {.causal = true});
  set_op_observer(before);
  for (const char* copy : {"permute", "transpose", "broadcast_to", "concat", "take", "gather", "slice"}) {
    EXPECT_EQ(std::count(ops.begin(), ops.end(), copy), 0) << copy << " copies what it is given";
  }
  EXPECT_EQ(std::count(ops.begin(), ops.end(), "matmul"), 2) << "one product with k and one with v, whatever the heads";
}

TEST(Unit_12_5, ErrorsNameTheThreeShapes) {
  const Tensor q = zeros({2, 4, 3, 5}), k = zeros({2, 2, 6, 5}), v = zeros({2, 2, 6, 7});
  EXPECT_EQ(scaled_dot_product_attention(q, k, v).shape(), (Shape{2, 4, 3, 7}));
  EXPECT_THROWS_WITH(scaled_dot_product_attention(q, k, zeros({2, 2, 5, 7})), ShapeError, "attention", "(2, 4, 3, 5)",
                     "(2, 2, 6, 5)", "(2, 2, 5, 7)", "multiple of G");
  EXPECT_THROWS_WITH(scaled_dot_product_attention(q, zeros({2, 3, 6, 5}), zeros({2, 3, 6, 7})), ShapeError,
                     "(2, 3, 6, 5)");
  EXPECT_THROWS_WITH(scaled_dot_product_attention(q, k, zeros({2, 1, 6, 7})), ShapeError, "(2, 1, 6, 7)");
  EXPECT_THROWS_WITH(scaled_dot_product_attention(q, zeros({2, 2, 6, 4}), v), ShapeError, "(2, 2, 6, 4)");
  EXPECT_THROWS_WITH(scaled_dot_product_attention(zeros({3, 5}), zeros({3, 5}), zeros({3, 5})), ShapeError, "(3, 5)");
  EXPECT_THROWS_WITH(scaled_dot_product_attention(q, k, v, {.mask = Mask(Shape{6, 3})}), ShapeError, "(6, 3)",
                     "(2, 4, 3, 6)");
  EXPECT_THROWS_WITH(scaled_dot_product_attention(q, k, v, {.dropout = 0.5}), ValueError, "generator");
}

}  // namespace
}  // namespace rushlight::test
