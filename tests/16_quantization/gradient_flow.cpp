#include "helpers.hpp"

namespace rushlight::test {
namespace {

const QParams quarter{.scale = 0.25F, .zero_point = 20, .lowest = -128};  // from -37 to 26.75

Array gradient_of(const Array& x, const Array& seed, const std::function<Tensor(const Tensor&)>& f) {
  const Tensor leaf(x, true);
  return Tape(f(leaf), seed).grad(leaf);
}

TEST(GradientFlow_16_8, OneInsideTheRangeAndZeroOutside) {
  const Array x({6}, {-40, -37, 0, Real(26.75), 27, 100}), seed({6}, {2, 3, 5, 7, 11, 13});
  const Array grad = gradient_of(x, seed, [](const Tensor& t) { return fake_quantize(t, quarter); });
  EXPECT_TRUE(near(grad, Array({6}, {0, 3, 5, 7, 0, 0}), exactly));
}

TEST(GradientFlow_16_8, AnInfiniteGradientIsZeroOutsideToo) {
  const Array x({4}, {-40, 0, 100, real_nan}), seed({4}, {real_infinity, real_infinity, real_nan, -real_infinity});
  const Array grad = gradient_of(x, seed, [](const Tensor& t) { return fake_quantize(t, quarter); });
  EXPECT_TRUE(near(grad, Array({4}, {0, real_infinity, 0, 0}), exactly));
}

TEST(GradientFlow_16_8, RoundingDecidesWhatIsInside) {
  const Array x({4}, {Real(26.87), Real(26.88), Real(-37.12), Real(-37.13)});  // 107.48, 107.52, -148.48, -148.52
  const Array grad = gradient_of(x, ones({4}), [](const Tensor& t) { return fake_quantize(t, quarter); });
  EXPECT_TRUE(near(grad, Array({4}, {1, 0, 1, 0}), exactly));
}

TEST(GradientFlow_16_8, SymmetricRangesEndAtMinus127) {
  const QParams one{.scale = 1, .zero_point = 0, .lowest = -127};
  const Array grad = gradient_of(Array({4}, {-128, -127, 127, 128}), ones({4}),
                                 [one](const Tensor& t) { return fake_quantize(t, one); });
  EXPECT_TRUE(near(grad, Array({4}, {0, 1, 1, 0}), exactly));
}

TEST(GradientFlow_16_8, EveryRowByItsOwnRange) {
  const std::vector<QParams> params{{1, 0, -127}, {0.5F, 0, -127}};
  const Array grad = gradient_of(Array({2, 2}, {100, 200, 100, 50}), Array({2, 2}, {1, 2, 3, 4}),
                                 [&](const Tensor& t) { return fake_quantize(t, params); });
  EXPECT_TRUE(near(grad, Array({2, 2}, {1, 0, 0, 4}), exactly));
}

TEST(GradientFlow_16_8, NaNHasNoGradient) {
  const Array grad = gradient_of(Array({2}, {real_nan, 1}), Array({2}, {3, 4}),
                                 [](const Tensor& t) { return fake_quantize(t, quarter); });
  EXPECT_TRUE(near(grad, Array({2}, {0, 4}), exactly));
}

TEST(GradientFlow_16_8, ALayersGradientsAreThoseOfItsRoundedNumbers) {
  Generator random(3);
  Linear layer({.in = 32, .out = 6}, random);
  const Array x = randn({5, 32}, 4), seed = randn({5, 6}, 5);
  FakeQuantLinear fake(layer.weight, layer.bias, std::make_unique<MinMaxObserver>());
  const Tensor input(x, true);
  const Tensor y = fake(input);
  const Tape tape(y, seed);
  // Nothing saturates here, so each gradient is a product with the other one's rounded numbers.
  const Array rounded_x = dequantize(quantize(x, *fake.input()));
  const Array rounded_w = dequantize(quantize(layer.weight.value(), {.granularity = Granularity::per_channel}));
  Doubles dw, dx, db(6, 0);
  for (std::int64_t o = 0; o < 6; ++o) {
    for (std::int64_t i = 0; i < 32; ++i) {
      double total = 0;
      for (std::int64_t b = 0; b < 5; ++b) {
        total += static_cast<double>(seed.data()[b * 6 + o]) * static_cast<double>(rounded_x.data()[b * 32 + i]);
      }
      dw.push_back(total);
    }
    for (std::int64_t b = 0; b < 5; ++b) db[o] += static_cast<double>(seed.data()[b * 6 + o]);
  }
  for (std::int64_t b = 0; b < 5; ++b) {
    for (std::int64_t i = 0; i < 32; ++i) {
      double total = 0;
      for (std::int64_t o = 0; o < 6; ++o) {
        total += static_cast<double>(seed.data()[b * 6 + o]) * static_cast<double>(rounded_w.data()[o * 32 + i]);
      }
      dx.push_back(total);
    }
  }
  EXPECT_TRUE(near(tape.grad(layer.weight), {6, 32}, dw, {1e-4, 1e-4}));
  EXPECT_TRUE(near(tape.grad(layer.bias), {6}, db, {1e-4, 1e-4}));
  EXPECT_TRUE(near(tape.grad(input), {5, 32}, dx, {1e-4, 1e-4}));
}

TEST(GradientFlow_16_8, APreparedModelReachesEveryParameter) {
  Generator random(1);
  SmallNet net(random);
  prepare_qat(net);
  const Tensor y = net(Tensor(randn({4, 32}, 2)));
  const Tape tape(y, randn(y.shape(), 3));
  for (const auto& [name, parameter] : net.named_parameters()) {
    ASSERT_TRUE(tape.reached(parameter)) << name;
    EXPECT_TRUE(grad_ok(tape.grad(parameter), parameter.shape())) << name;
  }
}

TEST(GradientFlow_16_6, AQuantisedGraphRefusesToGoBack) {
  for (const WeightFormat format : {WeightFormat::int8, WeightFormat::q8_0, WeightFormat::q4_0}) {
    QuantizedLinear layer(std::make_shared<QuantizedWeight>(quantize_weight(randn({4, 32}, 1), format)), Tensor());
    const Tensor y = layer(Tensor(randn({2, 32}, 2), true));
    ASSERT_TRUE(y.requires_grad()) << "a graph without this op would hide that something is missing";
    EXPECT_STREQ(y.node()->op, "quantized_linear");
    EXPECT_THROWS_WITH(local_gradients(*y.node(), ones({2, 4})), GraphError, "quantized_linear", "inference");
  }
}

TEST(GradientFlow_16_7, AQuantisedModelSaysWhyItCannotBeTrained) {
  Generator random(1);
  SmallNet net(random);
  quantize(net);
  const Tensor y = net(Tensor(randn({2, 32}, 2)));
  ASSERT_TRUE(y.requires_grad()) << "the norm in it still has parameters";
  EXPECT_THROWS_WITH(Tape(y, ones(y.shape())), GraphError, "quantized_linear", "inference");
}

}  // namespace
}  // namespace rushlight::test
