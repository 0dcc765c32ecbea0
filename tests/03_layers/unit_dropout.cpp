#include "03_layers/dropout.hpp"

#include <cmath>
#include <limits>

#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

TEST(Unit_03_4, MaskIsZeroOrScaled) {
  Generator g(1);
  const Array mask = dropout_mask({40, 50}, 0.25, g);
  ASSERT_EQ(mask.shape(), (Shape{40, 50}));
  std::int64_t dropped = 0;
  for (const Real value : mask.data()) {
    dropped += value == 0;
    if (value != 0) {
      ASSERT_NEAR(value, 4.0 / 3, 1e-6) << "survivors are scaled by 1/(1-p)";
    }
  }
  EXPECT_NEAR(static_cast<double>(dropped) / 2000, 0.25, 0.04);  // four standard deviations
}

TEST(Unit_03_4, OneDrawPerElementInOrder) {
  Generator a(8), b(8);
  const Array mask = dropout_mask({3, 5}, 0.6, a);
  std::vector<double> expected;
  for (int i = 0; i < 15; ++i) expected.push_back(b.uniform() < 0.6 ? 0.0 : 1 / (1 - 0.6));
  EXPECT_TRUE(near(mask, {3, 5}, expected));
  EXPECT_EQ(a.state(), b.state());
}

TEST(Unit_03_4, MaskOfPZeroKeepsEverything) {
  Generator g(1), four(1);
  EXPECT_TRUE(near(dropout_mask({4}, 0, g), {4}, {1, 1, 1, 1}, exactly));
  for (int i = 0; i < 4; ++i) four.uniform();
  EXPECT_EQ(g.state(), four.state()) << "one draw per element";
}

TEST(Unit_03_4, EmptyAndScalarMasks) {
  Generator g(1);
  EXPECT_EQ(dropout_mask({0, 3}, 0.5, g).shape(), (Shape{0, 3}));
  EXPECT_EQ(dropout_mask({}, 0.5, g).size(), 1);
}

TEST(Unit_03_4, GoldenMask) {
  const auto expected = golden("activations_norms.json").at("dropout_fixed_mask");
  std::vector<Real> values;
  for (const double keep : values_of(expected.at("keep"))) {
    values.push_back(static_cast<Real>(keep / (1 - expected.at("p").get<double>())));
  }
  const Array mask(shape_of(expected.at("keep")), values);
  const Tensor x(array_of(expected.at("x")), true);
  const Tensor y = apply_mask(x, mask);
  EXPECT_TRUE(near(y.value(), shape_of(expected.at("y")), values_of(expected.at("y"))));
  const Array weights = array_of(expected.at("w"));
  Array seed(x.shape());
  for (std::int64_t i = 0; i < seed.size(); ++i) seed.mutable_data()[i] = weights.data()[i % weights.size()];
  EXPECT_TRUE(near(Tape(y, seed).grad(x), x.shape(), values_of(expected.at("dx")), gradient_tolerance));
}

TEST(Unit_03_4, OneNodeThatSavesNeitherInputNorOutput) {
  const Tensor x(randn({2, 3}, 1), true);
  const Tensor y = apply_mask(x, ones({2, 3}));
  ASSERT_TRUE(y.requires_grad());
  EXPECT_STREQ(y.node()->op, "dropout");
  EXPECT_FALSE(y.node()->inputs.at(0).saved.defined()) << "the mask alone is enough for the backward pass";
  EXPECT_FALSE(y.node()->saved_output.defined());
}

TEST(Unit_03_4, TrainingDropsAndScales) {
  Generator seeds(4);
  Dropout dropout({.p = 0.5}, seeds);
  const Array x = ones({1000});
  const Array y = dropout(x).value();
  int zeros = 0;
  for (const Real value : y.data()) {
    ASSERT_TRUE(value == 0 || value == 2) << value;
    zeros += value == 0;
  }
  EXPECT_NEAR(zeros, 500, 80);
  EXPECT_TRUE(near(x, ones({1000}), exactly)) << "the input must not change";
}

TEST(Unit_03_4, EveryPassHasAFreshMask) {
  Generator seeds(4);
  Dropout dropout({.p = 0.5}, seeds);
  const Array first = dropout(ones({64})).value(), second = dropout(ones({64})).value();
  EXPECT_FALSE(near(first, second, exactly)) << "two passes drew the same 64 numbers";
}

TEST(Unit_03_4, LayersOfOneSeedDiffer) {
  Generator seeds(4);
  Dropout first({.p = 0.5}, seeds), second({.p = 0.5}, seeds);
  EXPECT_FALSE(near(first(ones({64})).value(), second(ones({64})).value(), exactly));
}

TEST(Unit_03_4, ALayerTakesOneNumberFromItsSeeds) {
  Generator seeds(4), other(4);
  const Dropout dropout({.p = 0.5}, seeds);
  EXPECT_EQ(dropout.generator.state(), Generator(other.next()).state());
  EXPECT_EQ(seeds.state(), other.state());
}

TEST(Unit_03_4, SameSeedSameMask) {
  Generator a(4), b(4);
  Dropout first({.p = 0.3}, a), second({.p = 0.3}, b);
  EXPECT_TRUE(same_bits(first(ones({64})).value(), second(ones({64})).value()));
}

TEST(Unit_03_4, EvaluationReturnsTheInputAndDrawsNothing) {
  Generator seeds(4);
  Dropout dropout({.p = 0.5}, seeds);
  dropout.eval();
  const Generator::State before = dropout.generator.state();
  const Tensor x(randn({8, 8}, 1), true);
  const Tensor y = dropout(x);
  EXPECT_TRUE(same_bits(y.value(), x.value()));
  EXPECT_EQ(y.node(), x.node()) << "the graph must stay intact";
  EXPECT_EQ(dropout.generator.state(), before);
}

TEST(Unit_03_4, PZeroReturnsTheInputInTraining) {
  Generator seeds(4);
  Dropout dropout({.p = 0}, seeds);
  const Generator::State before = dropout.generator.state();
  const Tensor x(randn({8}, 1), true);
  EXPECT_EQ(dropout(x).node(), x.node());
  EXPECT_EQ(dropout.generator.state(), before);
}

TEST(Unit_03_4, ItsRandomnessCanBeSavedAndRestored) {
  Generator seeds(4);
  Dropout dropout({.p = 0.5}, seeds);
  const NamedGenerators found = dropout.named_generators();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].first, "generator");
  const Generator::State saved = found[0].second->state();
  const Array first = dropout(ones({64})).value();
  found[0].second->set_state(saved);
  EXPECT_TRUE(same_bits(dropout(ones({64})).value(), first));
  EXPECT_TRUE(dropout.parameters().empty());
}

TEST(Unit_03_4, ErrorsNameTheDomain) {
  Generator g(1);
  Dropout({.p = 0.999}, g);
  const Generator::State before = g.state();
  for (const double p : {1.0, -0.1, 1.5, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_THROWS_WITH(Dropout({.p = p}, g), ValueError, "Dropout", "p is", "below 1");
    EXPECT_THROWS_WITH(dropout_mask({2}, p, g), ValueError, "p is");
    EXPECT_EQ(g.state(), before) << "p is looked at before anything is drawn";
  }
  EXPECT_THROWS_WITH(apply_mask(ones({2, 3}), ones({3})), ShapeError, "dropout", "(2, 3)", "(3,)");
}

TEST(Unit_03_4, NonFiniteInputs) {
  const Real infinity = std::numeric_limits<Real>::infinity(), nan = std::numeric_limits<Real>::quiet_NaN();
  const Array y = apply_mask(Array({4}, {infinity, -infinity, nan, 1e4}), Array({4}, {2, 2, 2, 2})).value();
  EXPECT_TRUE(near(y, {4}, {infinity, -infinity, nan, 2e4}));
  EXPECT_TRUE(near(apply_mask(Array({2}, {infinity, nan}), zeros({2})).value(), {2}, {nan, nan})) << "x · mask";
}

}  // namespace
}  // namespace rushlight::test
