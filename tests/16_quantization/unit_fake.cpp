#include "helpers.hpp"

namespace rushlight::test {
namespace {

const QParams wide{.scale = 0.25F, .zero_point = 20, .lowest = -128};  // from -37 to 26.75

TEST(Unit_16_8, ForwardIsQuantiseAndDequantise) {
  const Array x = uniform({3, 40}, 1, -50, 50);
  const Array y = fake_quantize(Tensor(x), wide).value();
  for (std::int64_t i = 0; i < x.size(); ++i) {
    const double q =
        std::clamp(even_rounded(static_cast<double>(static_cast<float>(x.data()[i]) / wide.scale)) + 20, -128.0, 127.0);
    EXPECT_EQ(static_cast<double>(y.data()[i]), (q - 20) * 0.25) << i;
  }
  EXPECT_TRUE(near(y, dequantize(quantize(x, wide)), exactly));
}

TEST(Unit_16_8, RowsHaveTheirOwn) {
  const std::vector<QParams> params{{1, 0, -127}, {0.5F, 0, -127}};
  const Array y = fake_quantize(Tensor(Array({2, 2}, {Real(1.3), 200, Real(1.3), 200})), params).value();
  EXPECT_TRUE(near(y, Array({2, 2}, {1, 127, Real(1.5), Real(63.5)}), exactly));
  EXPECT_THROWS_WITH(fake_quantize(Tensor(zeros({3, 2})), params), ShapeError, "(3, 2)", "2");
}

TEST(Unit_16_8, NaNStaysNaN) {
  const Array y = fake_quantize(Tensor(Array({3}, {real_nan, real_infinity, -real_infinity})), wide).value();
  EXPECT_TRUE(std::isnan(y.data()[0]));
  EXPECT_EQ(y.data()[1], Real(26.75));
  EXPECT_EQ(y.data()[2], Real(-37));
  EXPECT_EQ(fake_quantize(Tensor(Array(Shape{0, 2})), wide).shape(), (Shape{0, 2}));
}

TEST(Unit_16_8, ALayerComputesAsItsQuantisedSelfWill) {
  Generator random(3);
  Linear layer({.in = 32, .out = 6}, random);
  const Array x = randn({5, 32}, 4);
  FakeQuantLinear fake(layer.weight, layer.bias, std::make_unique<MinMaxObserver>());
  const Array y = fake(Tensor(x)).value();
  ASSERT_TRUE(fake.input().has_value());
  QuantizedLinear real(std::make_shared<QuantizedWeight>(quantize_weight(layer.weight.value(), WeightFormat::int8)),
                       layer.bias, fake.input());
  EXPECT_TRUE(near(y, real(Tensor(x)).value(), {2e-5, 2e-5}));
  EXPECT_LT(sqnr(linear(Tensor(x), layer.weight, layer.bias).value(), y), 70) << "nothing was rounded";
}

TEST(Unit_16_8, OnlyTrainingMovesTheRange) {
  Generator random(3);
  Linear layer({.in = 32, .out = 6}, random);
  FakeQuantLinear fake(layer.weight, layer.bias, std::make_unique<MinMaxObserver>());
  fake.eval();
  const Array x = randn({5, 32}, 4);
  fake(Tensor(x));
  EXPECT_FALSE(fake.input().has_value());
  fake.train();
  fake(Tensor(x));
  const std::optional<QParams> seen = fake.input();
  fake(Tensor(Array(Shape{0, 32})));
  fake.eval();
  fake(Tensor(Array::full({1, 32}, 1000)));
  EXPECT_EQ(fake.input(), seen);
}

TEST(Unit_16_8, InEvaluationItRoundsByTheRangeThatTrainingFound) {
  Generator random(3);
  Linear layer({.in = 32, .out = 6}, random);
  FakeQuantLinear fake(layer.weight, layer.bias, std::make_unique<MinMaxObserver>());
  fake(Tensor(uniform({5, 32}, 4, -1, 1)));
  fake.eval();
  const Array x = uniform({5, 32}, 5, -2, 2);  // half of it saturates
  QuantizedLinear real(std::make_shared<QuantizedWeight>(quantize_weight(layer.weight.value(), WeightFormat::int8)),
                       layer.bias, fake.input());
  EXPECT_TRUE(near(fake(Tensor(x)).value(), real(Tensor(x)).value(), {2e-5, 2e-5}));
}

TEST(Unit_16_8, AFirstBatchWithoutNumbersTellsNothing) {
  Generator random(3);
  Linear layer({.in = 32, .out = 6}, random);
  FakeQuantLinear fake(layer.weight, layer.bias, std::make_unique<MinMaxObserver>());
  EXPECT_EQ(fake(Tensor(Array(Shape{0, 32}))).shape(), (Shape{0, 6}));
  EXPECT_FALSE(fake.input().has_value());
}

TEST(Unit_16_8, WhatIsRefusedPreparesNothing) {
  Generator random(1);
  SmallNet net(random);
  EXPECT_THROWS_WITH(prepare_qat(net, {.skip = {"fc1", "nowhere"}}), ValueError, "nowhere");
  EXPECT_THROWS_WITH(prepare_qat(net, {.weights = WeightFormat::q8_0}), ValueError, "q8_0");
  EXPECT_FALSE(net.fc1.stand_in() || net.fc2.stand_in());
}

TEST(Unit_16_8, AModelIsPrepared) {
  Generator random(1);
  SmallNet net(random);
  EXPECT_EQ(prepare_qat(net, {.skip = {"fc2"}}), 1);
  EXPECT_NE(dynamic_cast<FakeQuantLinear*>(net.fc1.stand_in().get()), nullptr);
  EXPECT_EQ(net.fc2.stand_in(), nullptr);
  EXPECT_EQ(prepare_qat(net), 1) << "fc1 is prepared already";
  EXPECT_EQ(net.named_parameters().size(), 6U) << "the parameters are the layers' own";
  EXPECT_THROWS_WITH(prepare_qat(net, {.weights = WeightFormat::q4_0}), ValueError, "q4_0");
  EXPECT_THROWS_WITH(prepare_qat(net, {.skip = {"nowhere"}}), ValueError, "nowhere");
}

struct TwoNets : Module {
  SmallNet left, right;
  explicit TwoNets(Generator& random) : left(random), right(random) {}
  Tensor forward(const Tensor& x) override { return left(x) + right(x); }
  void members(Members& m) override {
    m("left", left);
    m("right", right);
  }
};

TEST(Unit_16_8, SkipMeansAllThatIsInIt) {
  Generator random(1);
  TwoNets nets(random);
  EXPECT_EQ(prepare_qat(nets, {.skip = {"left"}}), 2);
  EXPECT_EQ(nets.left.fc1.stand_in(), nullptr);
  EXPECT_NE(nets.right.fc1.stand_in(), nullptr);
}

TEST(Unit_16_8, AStandInIsInItsLayersMode) {
  Generator random(1);
  SmallNet net(random);
  prepare_qat(net);
  auto* fake = dynamic_cast<FakeQuantLinear*>(net.fc1.stand_in().get());
  ASSERT_NE(fake, nullptr);
  net.eval();
  net(Tensor(randn({3, 32}, 2)));
  EXPECT_FALSE(fake->input().has_value());
  net.train();
  net(Tensor(randn({3, 32}, 2)));
  EXPECT_TRUE(fake->input().has_value());
}

TEST(Unit_16_8, TheObserverMovesSlowly) {
  Generator random(1);
  SmallNet net(random);
  prepare_qat(net);
  net(Tensor(Array::full({1, 32}, 1)));
  net(Tensor(Array::full({1, 32}, 101)));
  const auto* fake = dynamic_cast<FakeQuantLinear*>(net.fc1.stand_in().get());
  ASSERT_NE(fake, nullptr);
  EXPECT_EQ(*fake->input(), choose_qparams(2, 2, Scheme::affine));
}

TEST(Unit_16_8, EveryLayerGetsItsOwnObserverOfTheKindAskedFor) {
  Generator random(1);
  SmallNet net(random);
  int made = 0;
  prepare_qat(net, {.observer = [&] {
                ++made;
                return std::make_unique<MinMaxObserver>(Scheme::symmetric);
              }});
  EXPECT_EQ(made, 2);
  net(Tensor(Array::full({1, 32}, 1)));
  net(Tensor(Array::full({1, 32}, 101)));
  const auto* first = dynamic_cast<FakeQuantLinear*>(net.fc1.stand_in().get());
  const auto* second = dynamic_cast<FakeQuantLinear*>(net.fc2.stand_in().get());
  ASSERT_TRUE(first != nullptr && second != nullptr);
  EXPECT_EQ(*first->input(), choose_qparams(1, 101, Scheme::symmetric));
  EXPECT_EQ(second->input()->lowest, -127);
  EXPECT_NE(*second->input(), *first->input()) << "what one layer sees is not what the other sees";
}

}  // namespace
}  // namespace rushlight::test
