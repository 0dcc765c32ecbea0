#include "07_training/diagnosis.hpp"

#include <cmath>
#include <limits>

#include "07_training/helpers.hpp"

namespace rushlight::test {
namespace {

// Layers whose gradients are set by hand: one weight and one bias each.
struct Layers : Module {
  struct Layer : Module {
    Tensor weight{zeros({2, 2}), true}, bias{zeros({2}), true};
    Tensor forward(const Tensor& x) override { return x; }
    void members(Members& m) override {
      m("weight", weight);
      m("bias", bias);
    }
    void set(Real g) {
      weight.set_grad(Array::full({2, 2}, g));
      bias.set_grad(Array::full({2}, g));
    }
  };
  Layer first, middle, last;
  Tensor forward(const Tensor& x) override { return x; }
  void members(Members& m) override {
    m("first", first);
    m("middle", middle);
    m("last", last);
  }
  Layers(Real a, Real b, Real c) {
    first.set(a);
    middle.set(b);
    last.set(c);
  }
};

constexpr Real broken = std::numeric_limits<Real>::quiet_NaN();

TEST(Unit_07_7, Rms) {
  EXPECT_DOUBLE_EQ(rms(Array({4}, {1, -1, 1, -1})), 1);
  EXPECT_DOUBLE_EQ(rms(Array({2, 1}, {3, 4})), std::sqrt(12.5));
  EXPECT_EQ(rms(Array()), 0);
  EXPECT_EQ(rms(Array({0, 3}, std::vector<Real>{})), 0);
  EXPECT_NEAR(rms(Array({1}, {Real{1e-30}})) / 1e-30, 1, 1e-6) << "its square is too small for a float";
  EXPECT_TRUE(std::isnan(rms(Array({2}, {1, broken}))));
}

TEST(Unit_07_7, DeadFraction) {
  EXPECT_DOUBLE_EQ(dead_fraction(Array({2, 4}, {0, 0, 1, 0, 0, 2, 0, 0})), 0.5) << "units 0 and 3";
  EXPECT_DOUBLE_EQ(dead_fraction(Array({2, 2, 2}, {0, 0, 0, 0, 0, 0, 0, 1})), 0.5);
  EXPECT_EQ(dead_fraction(Array({3, 2}, {1, 1, 1, 1, 1, 1})), 0);
  EXPECT_EQ(dead_fraction(zeros({3, 2})), 1);
  EXPECT_DOUBLE_EQ(dead_fraction(Array({2, 4}, {-1, 0, broken, 0, 0, -0.0, 0, -2})), 0.25)
      << "a negative output is one, and so is a NaN";
  EXPECT_EQ(dead_fraction(zeros({0, 2})), 0);
  EXPECT_EQ(dead_fraction(zeros({3, 0})), 0);
  EXPECT_EQ(dead_fraction(Array::scalar(0)), 0);
  EXPECT_DOUBLE_EQ(dead_fraction(Array({4}, {0, 1, 0, 2})), 0.5) << "one row";
}

TEST(Unit_07_7, OneLineForEachLayer) {
  Layers model(2, 4, 8);
  model.first.bias.set_grad(Array({2}, {8, 0}));  // rms over weight and bias: √((4·4 + 64)/6)
  const FlowReport report = diagnose(model);
  ASSERT_EQ(report.layers.size(), 3u);
  EXPECT_EQ(report.layers[0].name, "first");
  EXPECT_EQ(report.layers[2].name, "last");
  EXPECT_EQ(report.layers[1].depth, 1);
  EXPECT_DOUBLE_EQ(report.layers[0].rms, std::sqrt(80.0 / 6));
  EXPECT_DOUBLE_EQ(report.layers[1].rms, 4);
  EXPECT_DOUBLE_EQ(report.layers[1].ratio, 0.5);
  EXPECT_DOUBLE_EQ(report.layers[2].ratio, 1);
  EXPECT_TRUE(report.healthy());
  EXPECT_NE(report.text().find("middle"), std::string::npos);
  EXPECT_TRUE(report.layers[0].hint.empty());
}

TEST(Unit_07_7, ALayerIsThePathUpToTheLastDot) {
  struct : Module {
    Layers one{1, 2, 3}, two{4, 5, 6};
    Tensor forward(const Tensor& x) override { return x; }
    void members(Members& m) override {
      m("one", one);
      m("two", two);
    }
  } model;
  std::vector<std::string> names;
  for (const LayerFlow& layer : diagnose(model).layers) names.push_back(layer.name);
  EXPECT_EQ(names,
            (std::vector<std::string>{"one.first", "one.middle", "one.last", "two.first", "two.middle", "two.last"}));
}

TEST(Unit_07_7, Thresholds) {
  const auto trouble = [](Real a, Real b, Real c) {
    Layers model(a, b, c);
    return diagnose(model).layers[0].trouble;
  };
  EXPECT_EQ(trouble(Real{1.1e-4}, 1, 1), Trouble::none);
  EXPECT_EQ(trouble(Real{0.9e-4}, 1, 1), Trouble::vanishing) << "ratio";
  EXPECT_EQ(trouble(Real{1.1e-8}, Real{1.1e-8}, Real{1.1e-8}), Trouble::none);
  EXPECT_EQ(trouble(Real{0.9e-8}, Real{0.9e-8}, Real{0.9e-8}), Trouble::vanishing) << "rms";
  EXPECT_EQ(trouble(999, 999, 999), Trouble::none);
  EXPECT_EQ(trouble(1001, 1001, 1001), Trouble::exploding) << "rms";
  EXPECT_EQ(trouble(Real{0.99}, 1, Real{1e-4}), Trouble::none);
  EXPECT_EQ(trouble(Real{1.01}, 1, Real{1e-4}), Trouble::exploding) << "ratio";
  EXPECT_EQ(trouble(broken, 1, 1), Trouble::exploding);
  EXPECT_EQ(trouble(inf, 1, 1), Trouble::exploding);
  EXPECT_EQ(trouble(0, 0, 0), Trouble::vanishing);
  EXPECT_EQ(trouble(1, 1, 0), Trouble::exploding) << "infinitely larger than the last";
  EXPECT_EQ(trouble(1, 1, inf), Trouble::none) << "only the last one is broken";
  EXPECT_EQ(trouble(Real{1e-9}, 1, 0), Trouble::exploding)
      << "infinitely larger, small as it is: exploding comes first";
  EXPECT_EQ(trouble(inf, 1, inf), Trouble::exploding);
  Layers model(Real{1e-3}, 1, 1);
  EXPECT_EQ(diagnose(model, {}, {.vanishing_ratio = 0.1}).layers[0].trouble, Trouble::vanishing);
}

TEST(Unit_07_7, AThresholdItselfIsNoTrouble) {  // of numbers whose squares and roots are exact
  const auto trouble = [](Real a, Real b, const FlowThresholds& limits) {
    Layers model(a, b, b);
    return diagnose(model, {}, limits).layers[0].trouble;
  };
  EXPECT_EQ(trouble(Real{0.5}, Real{0.5}, {.vanishing_rms = 0.5}), Trouble::none);
  EXPECT_EQ(trouble(Real{0.5}, 1, {.vanishing_ratio = 0.5}), Trouble::none);
  EXPECT_EQ(trouble(2, 2, {.exploding_rms = 2}), Trouble::none);
  EXPECT_EQ(trouble(2, 1, {.exploding_ratio = 2}), Trouble::none);
  EXPECT_EQ(trouble(0, 1, {.vanishing_rms = 0, .vanishing_ratio = 0}), Trouble::none) << "0 switches both off";
}

TEST(Unit_07_7, WhicheverGradientIsMissing) {
  for (const bool weight : {true, false}) {
    Layers model(1, 1, 1);
    Tensor& parameter = weight ? model.middle.weight : model.middle.bias;
    parameter.zero_grad();
    EXPECT_EQ(diagnose(model).layers[1].trouble, Trouble::missing) << (weight ? "weight" : "bias");
  }
}

TEST(Unit_07_7, ALastLayerWithoutGradientsIsStillTheLast) {  // its rms is 0, and so any other is infinitely larger
  for (const Real middle : {Real{0}, Real{2}}) {
    Layers model(1, middle, 1);
    model.last.weight.zero_grad();
    model.last.bias.zero_grad();
    const FlowReport report = diagnose(model);
    EXPECT_EQ(report.layers[2].trouble, Trouble::missing);
    EXPECT_EQ(report.layers[2].rms, 0);
    EXPECT_TRUE(std::isinf(report.layers[0].ratio));
    EXPECT_EQ(report.layers[1].ratio == 1, middle == 0) << "0 to 0 is 1";
  }
}

// The parameters of the model itself are one layer, whose path is empty.
TEST(Unit_07_7, TheModelsOwnParametersAreALayer) {
  struct Split : Module {
    Tensor a{zeros({2}), true}, b{zeros({3}), true};
    Layers::Layer part;
    Tensor forward(const Tensor& x) override { return x; }
    void members(Members& m) override {
      m("a", a);
      m("b", b);
      m("part", part);
    }
  } model;
  model.a.set_grad(Array({2}, {3, 4}));
  model.b.set_grad(zeros({3}));
  model.part.set(1);
  const FlowReport report = diagnose(model);
  ASSERT_EQ(report.layers.size(), 2u);
  EXPECT_EQ(report.layers[0].name, "");
  EXPECT_EQ(report.layers[1].name, "part");
  EXPECT_DOUBLE_EQ(report.layers[0].rms, std::sqrt(5.0)) << "(9 + 16)/5";
}

TEST(Unit_07_7, ALayerOfAnEmptyParameterIsThere) {
  Layers model(1, 1, 1);
  model.last.weight = Tensor(zeros({0, 2}), true);
  model.last.bias = Tensor(zeros({0}), true);
  const FlowReport report = diagnose(model);
  ASSERT_EQ(report.layers.size(), 3u);
  EXPECT_EQ(report.layers[2].trouble, Trouble::missing);
}

TEST(Unit_07_7, MissingComesBeforeAllElse) {
  for (const Real other : {broken, inf, Real{1e6}, Real{0}}) {
    Layers model(1, other, 1);
    model.middle.bias.zero_grad();
    EXPECT_EQ(diagnose(model).layers[1].trouble, Trouble::missing) << "beside a gradient of " << other;
  }
}

TEST(Unit_07_7, AMissingGradientIsNamed) {
  Layers model(1, 1, 1);
  model.middle.bias.zero_grad();
  const FlowReport report = diagnose(model);
  EXPECT_EQ(report.layers[1].trouble, Trouble::missing);
  EXPECT_DOUBLE_EQ(report.layers[1].rms, 1) << "over the gradients that are there";
  EXPECT_FALSE(report.healthy());
  EXPECT_NE(report.text().find("'middle'"), std::string::npos) << report.text();
  EXPECT_NE(report.text().find("no gradient"), std::string::npos) << report.text();
}

TEST(Unit_07_7, FrozenParametersDoNotCount) {
  Layers model(1, 1, 1);
  model.first.bias.requires_grad_(false);
  EXPECT_TRUE(diagnose(model).healthy());
  model.first.weight.requires_grad_(false);
  EXPECT_EQ(diagnose(model).layers.size(), 2u);
  EXPECT_EQ(diagnose(model).layers[0].name, "middle");
  EXPECT_EQ(diagnose(model).layers[0].depth, 0);
}

TEST(Unit_07_7, ActivationsAreJudged) {
  Layers model(1, 1, 1);
  const NamedArrays outputs = {{"relu1", Array({1, 4}, {0, 0, 1, 1})}, {"relu2", Array({1, 4}, {0, 1, 1, 1})}};
  const FlowReport report = diagnose(model, outputs);
  ASSERT_EQ(report.activations.size(), 2u);
  EXPECT_EQ(report.activations[0].trouble, Trouble::dead) << "half of them is the threshold";
  EXPECT_EQ(report.activations[1].trouble, Trouble::none);
  EXPECT_DOUBLE_EQ(report.activations[1].dead_fraction, 0.25);
  EXPECT_EQ(report.activations[0].depth, -1);
  EXPECT_FALSE(report.healthy());
  EXPECT_NE(report.text().find("DEAD in 'relu1'"), std::string::npos) << report.text();
  EXPECT_NE(report.text().find("leaky_relu"), std::string::npos) << "a hint: " << report.text();
}

// --- real networks -----------------------------------------------------------------------------------------------

template <class Activation>
Sequential chain(int depth, std::int64_t width, double deviation) {
  Generator g(7);
  Sequential net;
  for (int i = 0; i < depth; ++i) {
    Linear layer({.in = width, .out = width}, g);
    normal_(layer.weight, g, 0, deviation);
    net.add(std::move(layer)).add(Activation());
  }
  return net;
}

FlowReport diagnose_after_backward(Sequential& net, std::int64_t width) {
  const Array x = randn({8, width}, 3);
  const Tensor y = net(x);
  sum(y * cotangent(y.shape())).backward();
  return diagnose(net, outputs_of(net, x));
}

TEST(GradientFlow_07_7, TwentySigmoidsVanish) {
  Sequential net = chain<Sigmoid>(20, 8, 0.1);
  const FlowReport report = diagnose_after_backward(net, 8);
  EXPECT_EQ(report.layers[0].trouble, Trouble::vanishing);
  EXPECT_EQ(report.layers[19].trouble, Trouble::none);
  EXPECT_TRUE(report.has(Trouble::vanishing));
  EXPECT_FALSE(report.has(Trouble::exploding));
  EXPECT_NE(report.text().find("VANISHING in '0' (layer 1 of the model)"), std::string::npos) << report.text();
  EXPECT_NE(report.text().find("relu or gelu"), std::string::npos);
}

TEST(GradientFlow_07_7, TenWideInitialWeightsExplode) {
  Sequential net = chain<Relu>(10, 16, 2);
  const FlowReport report = diagnose_after_backward(net, 16);
  EXPECT_TRUE(report.has(Trouble::exploding));
  EXPECT_FALSE(report.has(Trouble::vanishing));
  EXPECT_EQ(report.layers[0].trouble, Trouble::exploding);
  EXPECT_NE(report.text().find("EXPLODING in '"), std::string::npos) << report.text();
  EXPECT_NE(report.text().find("clip"), std::string::npos);
}

TEST(GradientFlow_07_7, AHealthyNetworkIsHealthy) {
  Generator g(5);
  Sequential net{Linear({.in = 8, .out = 32}, g), Relu(), Linear({.in = 32, .out = 32}, g), Tanh(),
                 Linear({.in = 32, .out = 4}, g)};
  const FlowReport report = diagnose_after_backward(net, 8);
  EXPECT_TRUE(report.healthy()) << report.text();
  EXPECT_NE(report.text().find("every layer"), std::string::npos);
}

TEST(GradientFlow_07_7, ABiasOfMinusTenKillsARelu) {
  Generator g(5);
  Linear first({.in = 8, .out = 32}, g);
  constant_(first.bias, -10);
  Sequential net{std::move(first), Relu(), Linear({.in = 32, .out = 4}, g)};
  const FlowReport report = diagnose_after_backward(net, 8);
  EXPECT_EQ(report.layers[0].rms, 0);
  EXPECT_EQ(report.layers[0].trouble, Trouble::vanishing) << "no gradient reaches the first layer";
  EXPECT_EQ(report.activations[1].trouble, Trouble::dead);
  EXPECT_EQ(report.activations[1].dead_fraction, 1);
  EXPECT_NE(report.text().find("DEAD in '1'"), std::string::npos) << report.text();
}

}  // namespace
}  // namespace rushlight::test
