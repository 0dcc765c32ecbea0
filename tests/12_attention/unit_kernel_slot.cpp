// The slot for a faster kernel: when it is asked, what it is told, and whose gradients flow.
#include "inputs.hpp"
#include "support/installed.hpp"

namespace rushlight::test {
namespace {

// A kernel that computes nothing: it counts its calls and returns numbers of its own.
struct Fake {
  static inline int forwards = 0, backwards = 0;
  static inline AttentionCall last;

  static AttentionForward forward(const Array& q, const Array&, const Array& v, const AttentionCall& call) {
    ++forwards;
    last = call;
    return {Array::full({q.dim(0), q.dim(1), q.dim(2), v.dim(3)}, 7), Array::full({1}, 9)};
  }
  static Arrays backward(const Array& grad, const Array& q, const Array& k, const Array& v, const Array& out,
                         const Array& statistics, const AttentionCall&) {
    ++backwards;
    const Real sign = grad.data()[0] * out.data()[0] * statistics.data()[0] / 63;
    return {Array::full(q.shape(), sign), Array::full(k.shape(), 2 * sign), Array::full(v.shape(), 3 * sign)};
  }

  Fake() {
    forwards = backwards = 0;
    last = {};
    attention_slot.install(Device::cpu, {forward, backward});
  }
  ~Fake() { attention_slot.remove(Device::cpu); }
};

TEST(Unit_12_5, AnInstalledKernelIsCalled) {
  attention_slot.remove(Device::cpu);
  const Inputs in({2, 4, 2, 3, 5, 4, 6}, 40);
  const Array composed = attend(in.q, in.k, in.v, {.causal = true});
  {
    const Fake fake;
    const Mask mask = random_mask({3, 5}, 1);
    EXPECT_TRUE(near(attend(in.q, in.k, in.v, {.mask = mask, .causal = true}), Array::full({2, 4, 3, 6}, 7), exactly));
    EXPECT_EQ(Fake::forwards, 1);
    EXPECT_TRUE(Fake::last.causal);
    EXPECT_EQ(Fake::last.mask.shape(), (Shape{3, 5}));
    EXPECT_NEAR(Fake::last.scale, 0.5, 1e-7);  // 1/√4
    attend(in.q, in.k, in.v, {.scale = 0.125});
    EXPECT_EQ(Fake::forwards, 2);
    EXPECT_FALSE(Fake::last.causal);
    EXPECT_FALSE(Fake::last.mask.defined());
    EXPECT_NEAR(Fake::last.scale, 0.125, 1e-7);
    attend(in.q, in.k, in.v, {.scale = -0.125});
    EXPECT_NEAR(Fake::last.scale, -0.125, 1e-7);
  }
  EXPECT_TRUE(same_bits(attend(in.q, in.k, in.v, {.causal = true}), composed)) << "the kernel was removed again";
}

TEST(Unit_12_5, WhoeverLooksInsideGetsTheComposedPath) {
  const Inputs in({1, 2, 2, 3, 3, 4, 4}, 41);
  Generator g(1), same(1);
  const auto look = [](const Tensor& x) { return x; };
  const Array plain = attend(in.q, in.k, in.v);
  const Array biased = attend(in.q, in.k, in.v, {.bias = ones({3, 1})});
  const Array dropped = attend(in.q, in.k, in.v, {.dropout = 0.5, .generator = &same});
  const Fake fake;
  EXPECT_TRUE(near(attend(in.q, in.k, in.v, {.on_scores = look}), plain, attention_tolerance));
  EXPECT_TRUE(near(attend(in.q, in.k, in.v, {.on_pattern = look}), plain, attention_tolerance));
  EXPECT_TRUE(near(attend(in.q, in.k, in.v, {.bias = ones({3, 1})}), biased, attention_tolerance));
  EXPECT_TRUE(near(attend(in.q, in.k, in.v, {.dropout = 0.5, .generator = &g}), dropped, attention_tolerance));
  EXPECT_EQ(Fake::forwards, 0);
  attend(in.q, in.k, in.v, {.dropout = 0, .generator = &g});
  EXPECT_EQ(Fake::forwards, 1) << "a generator alone is no dropout";
}

TEST(Unit_12_5, TheKernelsBackwardIsCalled) {
  const Inputs in({1, 2, 1, 3, 3, 4, 4}, 42);
  const Fake fake;
  const Tensor q(in.q, true), k(in.k, true), v(in.v, true);
  const Tensor out = scaled_dot_product_attention(q, k, v);
  ASSERT_TRUE(out.requires_grad());
  EXPECT_STREQ(out.node()->op, "attention");
  const Tape tape(out, ones(out.shape()));
  EXPECT_EQ(Fake::backwards, 1);
  EXPECT_TRUE(near(tape.grad(q), Array::full(q.shape(), 1), {1e-6, 0}));
  EXPECT_TRUE(near(tape.grad(k), Array::full(k.shape(), 2), {1e-6, 0}));
  EXPECT_TRUE(near(tape.grad(v), Array::full(v.shape(), 3), {1e-6, 0}));
}

TEST(Unit_12_5, GradientsComeFromTheKernelThatMadeTheOutput) {
  attention_slot.remove(Device::cpu);
  const Inputs in({1, 2, 1, 3, 3, 4, 4}, 43);
  const Tensor q(in.q, true), k(in.k, true), v(in.v, true);
  const Tensor composed = scaled_dot_product_attention(q, k, v);
  const Array seed = ones(composed.shape()), expected = Tape(composed, seed).grad(q);
  Tensor out;
  {
    const Fake fake;
    out = scaled_dot_product_attention(q, k, v);
    EXPECT_TRUE(same_bits(Tape(composed, seed).grad(q), expected));
  }
  const Installed<AttentionKernel> another(
      attention_slot, {Fake::forward, [](const Array&, const Array& query, const Array& key, const Array& value,
                                         const Array&, const Array&, const AttentionCall&) {
                         return Arrays{zeros(query.shape()), zeros(key.shape()), zeros(value.shape())};
                       }});
  EXPECT_TRUE(near(Tape(out, seed).grad(q), Array::full(q.shape(), 1), {1e-6, 0}));
}

TEST(Unit_12_5, ErrorsComeBeforeTheKernel) {
  const Fake fake;
  EXPECT_THROWS_WITH(scaled_dot_product_attention(zeros({1, 2, 3, 4}), zeros({1, 2, 3, 5}), zeros({1, 2, 3, 4})),
                     ShapeError, "attention");
  const Tensor x = zeros({1, 2, 3, 4});
  EXPECT_THROWS_WITH(scaled_dot_product_attention(x, x, x, {.mask = Mask(Shape{4})}), ShapeError, "(4,)");
  EXPECT_EQ(Fake::forwards, 0);
}

}  // namespace
}  // namespace rushlight::test
