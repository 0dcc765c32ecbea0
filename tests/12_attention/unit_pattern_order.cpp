// From scores to the pattern: what comes before what, and rows of -inf under every option.
#include "oracle.hpp"

namespace rushlight::test {
namespace {

constexpr auto minus_infinity = static_cast<Real>(-infinity);

const Observe look = [](const Tensor& x) { return x; };

TEST(Unit_12_4, ARowOfMinusInfinitySeesNothingUnderEveryOption) {
  const std::vector<std::pair<std::string, AttentionOptions>> each{{"mask", {.mask = mask_of({}, {1})}},
                                                                   {"causal", {.causal = true}},
                                                                   {"bias", {.bias = zeros({1})}},
                                                                   {"on_scores", {.on_scores = look}}};
  for (const Shape& shape : {Shape{1, 1, 1, 1}, Shape{2, 1, 1, 3}, Shape{1, 2, 3, 3}, Shape{1, 1, 2, 4}}) {
    const Array scores = Array::full(shape, minus_infinity);
    for (const auto& [name, options] : each) {
      EXPECT_TRUE(near(attention_pattern(scores, options).value(), zeros(shape), exactly)) << name << shape.str();
    }
  }
}

TEST(Unit_12_4, WhatIsHiddenStaysHiddenWhateverTheBiasIs) {
  const Array scores = randn({1, 2, 3, 3}, 1);
  const Mask triangle = mask_of({3, 3}, {1, 0, 0, 1, 1, 0, 1, 1, 1});
  const AttentionOptions masks[] = {{.mask = mask_of({3}, {1, 1, 0})}, {.causal = true}};
  for (const double value : {infinity, -infinity, not_a_number, 1e30}) {
    for (AttentionOptions options : masks) {
      const Array clean = attention_pattern(scores, options).value();
      Array bias = zeros({3, 3});
      for (int t = 0; t < 3; ++t) {
        for (int s = 0; s < 3; ++s) {
          const bool seen = options.causal ? s <= t : s < 2;
          if (!seen) bias.mutable_data()[t * 3 + s] = static_cast<Real>(value);
        }
      }
      options.bias = bias;
      EXPECT_TRUE(near(attention_pattern(scores, options).value(), clean, attention_tolerance)) << value;
      Array shown;
      options.on_scores = [&](const Tensor& x) {
        shown = x.value();
        return x;
      };
      EXPECT_TRUE(near(attention_pattern(scores, options).value(), clean, attention_tolerance)) << value;
      EXPECT_TRUE(
          near(shown, where(options.causal ? triangle : options.mask, scores, Array::scalar(minus_infinity)), exactly))
          << value;
    }
  }
}

TEST(Unit_12_4, DropoutDrawsForEveryElement) {
  Generator g(16);
  const Array pattern = attention_pattern(zeros({3, 4, 5, 6}), {.dropout = 0.5, .generator = &g}).value();
  for (int axis = 0; axis < 4; ++axis) {
    for (std::int64_t i = 1; i < pattern.dim(axis); ++i) {
      EXPECT_FALSE(same_bits(slice(pattern, axis, {i, i + 1}), slice(pattern, axis, {0, 1})))
          << "along axis " << axis << ", " << i << " as 0";
    }
  }
}

}  // namespace
}  // namespace rushlight::test
