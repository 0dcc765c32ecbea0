// Module 17's given adapters beside weights of module 16: they learn, the base stays to the bit.
#include "17_compression/quantized_lora.hpp"
#include "06_optimizers/adam.hpp"
#include "integration/small_weights.hpp"
#include "support/gradients.hpp"

namespace rushlight::test {
namespace {

QuantizedLinear base_of(WeightFormat format) {
  const auto weight = std::make_shared<QuantizedWeight>(quantize_weight(randn({3, 32}, 1), format));
  return {weight, Tensor(randn({3}, 2))};
}

QuantizedLoraLinear layer_of(WeightFormat format, LoraOptions options = {.rank = 2, .alpha = 6}) {
  Generator g(3);
  return {base_of(format), options, g};
}

TEST(Integration_17, AnAdapterOnSmallWeightsBeginsAsTheBase) {
  for (const WeightFormat format : {WeightFormat::int8, WeightFormat::q8_0, WeightFormat::q4_0}) {
    QuantizedLinear base = base_of(format);
    QuantizedLoraLinear layer = layer_of(format);
    const Tensor x(randn({2, 4, 32}, 4));
    EXPECT_TRUE(same_bits(layer(x).value(), base(x).value())) << name_of(format);
    EXPECT_EQ(layer.named_parameters().size(), 2U);
  }
}

// Blocks leave the input as it is, so finite differences see what the rule says. Their products are floats whatever Real is:
// the step is one for floats.
TEST(Integration_17, GradientsPassSmallWeights) {
  QuantizedLoraLinear layer = layer_of(WeightFormat::q8_0);
  expect_gradients(
      [&](auto& in) {
        layer.a = in[1];
        layer.b = in[2];
        return layer(in[0]);
      },
      {randn({2, 32}, 5), randn({2, 32}, 6), randn({3, 2}, 7)}, {.step = 1e-3, .tolerance = 2e-2});
}

TEST(Integration_17, InInt8TheWayBackIsThatOfTheNumbersItStandsFor) {
  QuantizedLoraLinear layer = layer_of(WeightFormat::int8);
  const Tensor x(randn({2, 32}, 5), true);
  const Array g = randn({2, 3}, 6);
  layer(x).backward(g);
  EXPECT_TRUE(near(x.grad(), matmul(g, dequantize(*layer.base())), {1e-6, 1e-6}));
}

TEST(Integration_17, MergedIsWhatItComputes) {
  QuantizedLoraLinear layer = layer_of(WeightFormat::q4_0);
  layer.b.set_value(randn({3, 2}, 8));
  const Tensor x(randn({5, 32}, 9));
  const Array expected = linear(x, Tensor(layer.merged()), Tensor(randn({3}, 2))).value();
  EXPECT_TRUE(near(layer(x).value(), expected, {2e-5, 2e-5}));
  EXPECT_FALSE(near(layer.merged(), dequantize(*layer.base()), {1e-2, 1e-2})) << "B is something by now";
}

TEST(Integration_17, AGptOfEightBitsLearnsBesideItsWeights) {
  for (const WeightFormat format : {WeightFormat::int8, WeightFormat::q8_0}) {
    GPT gpt = small_gpt(1);
    quantize(gpt, {.weights = format, .embeddings = false});
    Generator g(10);
    const auto adapters = adapt_quantized(gpt, {.rank = 2, .alpha = 4}, g);
    ASSERT_EQ(adapters.size(), 13U) << "q, k, v, out, fc1, fc2 of two blocks, and the head";
    std::vector<QuantizedWeight> before;
    Tensors learning;
    for (const auto& adapter : adapters) {
      before.push_back(*adapter->base());
      for (const Tensor& parameter : adapter->parameters()) learning.push_back(parameter);
    }
    const StateDict rest = gpt.state_dict();
    AdamW optimizer(learning, {.lr = 0.01});
    const Indices ids({2, 6}, std::vector<std::int32_t>{0, 1, 2, 3, 4, 5, 8, 7, 6, 5, 1, 1});
    for (int step = 0; step < 3; ++step) {
      optimizer.zero_grad();
      const Tensor logits = gpt(ids);
      logits.backward(cotangent(logits.shape()));
      for (const Tensor& parameter : gpt.parameters()) EXPECT_FALSE(parameter.grad().defined());
      optimizer.step();
    }
    for (std::size_t i = 0; i < adapters.size(); ++i) {
      EXPECT_EQ(adapters[i]->base()->int8.values, before[i].int8.values);
      EXPECT_EQ(adapters[i]->base()->blocks.bytes, before[i].blocks.bytes);
      EXPECT_GT(sum(abs(adapters[i]->b.value())).item(), 0) << name_of(format) << ", adapter " << i;
    }
    for (const auto& [path, value] : gpt.state_dict()) EXPECT_TRUE(same_bits(value, rest.at(path))) << path;
  }
}

TEST(Integration_17, WhatCannotBeAdaptedIsAnError) {
  Generator g(1);
  GPT gpt = small_gpt(1);
  EXPECT_THROWS_WITH(adapt_quantized(gpt, {}, g), ValueError, "nothing", "quantize()");
  EXPECT_TRUE(gpt.parameters()[0].requires_grad()) << "nothing was frozen";
  EXPECT_THROWS_WITH(layer_of(WeightFormat::q8_0, {.rank = 0}), ValueError, "rank is 0");
}

}  // namespace
}  // namespace rushlight::test
