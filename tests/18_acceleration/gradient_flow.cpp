// Derivatives through the ops as everybody calls them, with the kernels installed: every entry against central
// differences, with a cotangent that is not uniform.
#include "attention_oracle.hpp"

namespace rushlight::test {
namespace {

// --- 18.4 -------------------------------------------------------------------------------------------------------

TEST(GradientFlow_18_4, ALinearLayerAndItsRectifier) {
  const Accelerated one({"primitives"});
  expect_gradients([](const Tensors& in) { return relu(linear(in[0], in[1], in[2])); },
                   {randn({2, 3, 4}, 1), randn({5, 4}, 2), randn({5}, 3)}, {.floor = 1e-2});
  expect_gradients([](const Tensors& in) { return in[0] * in[1] + in[1]; }, {randn({3, 4}, 4), randn({4}, 5)},
                   {.floor = 1e-2});
}

// --- 18.5 -------------------------------------------------------------------------------------------------------

TEST(GradientFlow_18_5, Gelu) {
  const Accelerated one({"gelu"});
  for (const auto approximation : {GeluApproximation::tanh, GeluApproximation::none}) {
    expect_gradients([&](const Tensors& in) { return gelu(in[0], approximation); }, {uniform({4, 9}, 1, -3, 3)},
                     {.floor = 1e-2});
  }
}

TEST(GradientFlow_18_5, Softmax) {
  const Accelerated one({"softmax"});
  for (const int axis : {-1, 0, 1}) {
    expect_gradients([&](const Tensors& in) { return softmax(in[0], axis); }, {randn({3, 4, 5}, 2)}, {.floor = 1e-2});
  }
}

// --- 18.6 -------------------------------------------------------------------------------------------------------

TEST(GradientFlow_18_6, LayerNorm) {
  const Accelerated one({"layer_norm"});
  expect_gradients([](const Tensors& in) { return layer_norm(in[0], {6}, in[1], in[2]); },
                   {randn({2, 3, 6}, 1), randn({6}, 2), randn({6}, 3)}, {.floor = 1e-2});
  expect_gradients([](const Tensors& in) { return layer_norm(in[0], {3, 4}); }, {randn({2, 3, 4}, 4)}, {.floor = 1e-2});
}

TEST(GradientFlow_18_6, LayerNormOfSeveralPieces) {
  const Accelerated one({"layer_norm"});
  const Threads two(2);
  expect_gradients([](const Tensors& in) { return layer_norm(in[0], {3}, in[1], in[2]); },
                   {randn({67, 3}, 5), randn({3}, 6), randn({3}, 7)},
                   {.floor = 1e-2, .tolerance = double_precision ? 1e-6 : 4e-2});
}

TEST(GradientFlow_18_6, CrossEntropy) {
  const Accelerated one({"cross_entropy"});
  const Indices labels({2, 3}, {0, 3, -100, 1, 1, 2});
  for (const Real smoothing : {Real(0), Real(0.2)}) {
    for (const Reduction reduction : {Reduction::none, Reduction::mean, Reduction::sum}) {
      expect_gradients(
          [&](const Tensors& in) {
            return cross_entropy(in[0], labels, {.label_smoothing = smoothing, .reduction = reduction});
          },
          {randn({2, 3, 4}, 8)}, {.floor = 1e-2});
    }
  }
}

// --- 18.8 -------------------------------------------------------------------------------------------------------

TEST(GradientFlow_18_8, QueriesKeysAndValues) {
  const Accelerated one({"attention"});
  std::uint64_t seed = 1;
  for (const std::int64_t groups : {1, 2}) {
    for (const bool causal : {false, true}) {
      expect_gradients(
          [&](const Tensors& in) { return scaled_dot_product_attention(in[0], in[1], in[2], {.causal = causal}); },
          {randn({2, 2, 4, 3}, seed), randn({2, groups, 5, 3}, seed + 1), randn({2, groups, 5, 2}, seed + 2)},
          {.floor = 1e-3});
      seed += 3;
    }
  }
}

TEST(GradientFlow_18_8, ThroughAMaskWithABlindQuery) {
  const Accelerated one({"attention"});
  const Mask mask({4, 5}, {1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 1, 0, 0, 1});
  expect_gradients([&](const Tensors& in) { return scaled_dot_product_attention(in[0], in[1], in[2], {.mask = mask}); },
                   {randn({1, 2, 4, 3}, 20), randn({1, 2, 5, 3}, 21), randn({1, 2, 5, 3}, 22)}, {.floor = 1e-3});
}

TEST(GradientFlow_18_8, AcrossTiles) {  // one query, keys of two tiles
  const Accelerated one({"attention"});
  expect_gradients([](const Tensors& in) { return scaled_dot_product_attention(in[0], in[1], in[2]); },
                   {randn({1, 1, 2, 2}, 30), randn({1, 1, 67, 2}, 31), randn({1, 1, 67, 1}, 32)}, {.floor = 1e-4});
}

TEST(GradientFlow_18_8, WhatIsMaskedGetsExactlyNothing) {
  const Accelerated one({"attention"});
  const Tensor q(randn({1, 1, 3, 2}, 40), true), k(randn({1, 1, 70, 2}, 41), true), v(randn({1, 1, 70, 2}, 42), true);
  Mask mask({70});
  for (int s = 0; s < 70; ++s) mask.mutable_data()[s] = s % 7 != 2;
  const Tensor y = scaled_dot_product_attention(q, k, v, {.mask = mask});
  const Tape tape(y, cotangent(y.shape()));
  for (const Array& gradient : {tape.grad(k), tape.grad(v)}) {
    EXPECT_TRUE(grad_ok(gradient, {1, 1, 70, 2}, 1e-4));
    for (int s = 2; s < 70; s += 7) {
      EXPECT_EQ(gradient.data()[2 * s], 0) << s;
      EXPECT_EQ(gradient.data()[2 * s + 1], 0) << s;
    }
  }
}

// --- 18.9 -------------------------------------------------------------------------------------------------------

TEST(GradientFlow_18_9, Convolution) {
  const Accelerated one({"conv2d"});
  const std::vector<ConvOptions> all{
      {}, {.padding = 1}, {.padding = {0, 2}, .dilation = {1, 2}}, {.padding = 1, .groups = 2}};
  std::uint64_t seed = 1;
  for (const ConvOptions& options : all) {
    expect_gradients([&](const Tensors& in) { return conv2d(in[0], in[1], in[2], options); },
                     {randn({2, 2, 4, 5}, seed), randn({2, 2 / options.groups, 3, 2}, seed + 1), randn({2}, seed + 2)},
                     {.floor = 1e-2});
    seed += 3;
  }
}

TEST(GradientFlow_18_9, ImagesOfSeveralPieces) {
  const Accelerated one({"conv2d"});
  const Threads two(2);
  expect_gradients([](const Tensors& in) { return conv2d(in[0], in[1], {}, {.padding = 1}); },
                   {randn({6, 1, 3, 3}, 20), randn({2, 1, 2, 2}, 21)}, {.floor = 1e-2});
}

}  // namespace
}  // namespace rushlight::test
