// Low rank: what is lost is what was left out.
#include "helpers.hpp"

namespace rushlight::test {
namespace {

// The Frobenius norm of whole - left·right, in double and in plain loops.
double distance(const Array& whole, const Array& left, const Array& right) {
  double total = 0;
  for (std::int64_t i = 0; i < whole.dim(0); ++i) {
    for (std::int64_t j = 0; j < whole.dim(1); ++j) {
      double product = 0;
      for (std::int64_t k = 0; k < left.dim(1); ++k) {
        product += static_cast<double>(left.data()[i * left.dim(1) + k]) * right.data()[k * right.dim(1) + j];
      }
      const double off = whole.data()[i * whole.dim(1) + j] - product;
      total += off * off;
    }
  }
  return std::sqrt(total);
}

TEST(Unit_17_5, TheTail) {
  const Array s({4}, {4, 3, 2, 1});
  EXPECT_NEAR(tail(s, 0), std::sqrt(30.0), 1e-12);
  EXPECT_NEAR(tail(s, 2), std::sqrt(5.0), 1e-12);
  EXPECT_EQ(tail(s, 4), 0);
  EXPECT_THROWS_WITH(tail(s, 5), ValueError, "tail", "5");
  EXPECT_THROWS_WITH(tail(s, -1), ValueError, "-1");
}

TEST(Unit_17_5, ManySmallValuesAreNotLost) {  // a float sum that starts with the large one would never see them
  Array s = Array::full({10001}, Real(1e-4));
  s.mutable_data()[0] = 1;
  EXPECT_NEAR(tail(s, 0), std::sqrt(1 + 1e-4), 1e-9);
}

TEST(Unit_17_5, SquaresMayBeLargerThanAFloat) {
  EXPECT_NEAR(tail(Array({2}, {Real(3e30), Real(4e30)}), 0) / 5e30, 1, 1e-6);
}

TEST(Unit_17_5, RankByEnergy) {
  const Array s({4}, {4, 3, 2, 1});  // squares 16, 9, 4, 1 of 30
  EXPECT_EQ(rank_for_energy(s, 0), 1);
  EXPECT_EQ(rank_for_energy(s, 0.5), 1) << "16/30 = 0.533: energy is the square";
  EXPECT_EQ(rank_for_energy(s, 0.6), 2);
  EXPECT_EQ(rank_for_energy(s, 0.84), 3) << "25/30 = 0.833";
  EXPECT_EQ(rank_for_energy(s, 0.97), 4);
  EXPECT_EQ(rank_for_energy(s, 1), 4);
  EXPECT_EQ(rank_for_energy(Array({3}, {2, 0, 0}), 1), 1);
  EXPECT_EQ(rank_for_energy(Array({2}, {0, 0}), 1), 1) << "nothing is held by anything";
  EXPECT_THROWS_WITH(rank_for_energy(s, 1.5), ValueError, "rank_for_energy", "1.5");
  EXPECT_THROWS_WITH(rank_for_energy(s, not_a_number), ValueError, "energy");
  EXPECT_THROWS_WITH(rank_for_energy(zeros({0}), 0.5), ValueError, "rank_for_energy");
}

TEST(Unit_17_5, RankByBudget) {
  EXPECT_EQ(rank_for_budget({30, 20}, 600), 12) << "12 · 50: here the factors are as large as the whole";
  EXPECT_EQ(rank_for_budget({30, 20}, 599), 11);
  EXPECT_EQ(rank_for_budget({30, 20}, 50), 1);
  EXPECT_EQ(rank_for_budget({30, 20}, 100000), 20) << "more than the whole matrix has, nobody needs";
  EXPECT_EQ(rank_for_budget({3, 200}, 100000), 3);
  EXPECT_THROWS_WITH(rank_for_budget({30, 20}, 49), ValueError, "rank_for_budget", "49");
  EXPECT_THROWS_WITH(rank_for_budget({30}, 100), ShapeError, "(30,)");
}

TEST(Unit_17_5, TheErrorIsTheTail) {
  for (const Shape& shape : {Shape{9, 6}, Shape{5, 12}, Shape{7, 7}}) {
    const Array whole = randn(shape, 21);
    const Svd parts = svd(whole);
    const double size = tail(parts.s, 0);
    for (std::int64_t rank = 1; rank <= parts.s.size(); ++rank) {
      SCOPED_TRACE(testing::Message() << shape.str() << ", rank " << rank);
      const Factors factors = factors_of(parts, rank);
      EXPECT_EQ(factors.left.shape(), (Shape{shape[0], rank}));
      EXPECT_EQ(factors.right.shape(), (Shape{rank, shape[1]}));
      EXPECT_NEAR(distance(whole, factors.left, factors.right), tail(parts.s, rank),
                  size * (double_precision ? 1e-12 : 5e-6));
    }
  }
}

TEST(Unit_17_5, BothFactorsWeighTheSame) {
  const Svd parts = svd(randn({6, 4}, 22));
  const Factors factors = factors_of(parts, 3);
  double left = 0, right = 0, expected = 0;
  for (const Real value : factors.left.data()) left += static_cast<double>(value) * value;
  for (const Real value : factors.right.data()) right += static_cast<double>(value) * value;
  for (std::int64_t i = 0; i < 3; ++i) expected += parts.s.data()[i];
  EXPECT_NEAR(left, expected, 1e-5) << "√s on each side: the squares add up to Σ s";
  EXPECT_NEAR(right, expected, 1e-5);
  EXPECT_THROWS_WITH(factors_of(parts, 0), ValueError, "factors_of", "0");
  EXPECT_THROWS_WITH(factors_of(parts, 5), ValueError, "5");
}

TEST(Unit_17_5, OneLayerBecomesTwo) {
  Generator g(23);
  Linear layer({.in = 7, .out = 5}, g);
  const Array weight = layer.weight.value().clone();
  Sequential whole = factored(layer, 5), part = factored(layer, 2);
  const Tensor x(randn({3, 7}, 24));
  EXPECT_TRUE(
      near(whole(x).value(), layer(x).value(), double_precision ? Tolerance{1e-9, 1e-11} : Tolerance{2e-5, 2e-6}))
      << "at full rank nothing is lost";
  const NamedTensors parameters = part.named_parameters();
  ASSERT_EQ(parameters.size(), 3u) << "two weights and one bias";
  EXPECT_EQ(parameters[0].first, "0.weight");
  EXPECT_EQ(parameters[0].second.shape(), (Shape{2, 7}));
  EXPECT_EQ(parameters[1].second.shape(), (Shape{5, 2}));
  EXPECT_TRUE(same_bits(parameters[2].second.value(), layer.bias.value()));
  for (auto& [path, parameter] : part.named_parameters()) {
    EXPECT_TRUE(parameter.requires_grad()) << path;
    Tensor handle = parameter;
    handle.mutable_value().mutable_data()[0] += 1;
  }
  EXPECT_TRUE(same_bits(layer.weight.value(), weight)) << "the layer shares nothing with its factors";
  EXPECT_NE(layer.bias.value().data()[0], parameters[2].second.value().data()[0]);
}

TEST(Unit_17_5, ALayerWithoutBiasGivesNone) {
  Generator g(25);
  Linear layer({.in = 3, .out = 4, .bias = false}, g);
  Sequential two = factored(layer, 1);
  EXPECT_EQ(two.parameter_count(), 3 + 4);
  EXPECT_THROWS_WITH(factored(layer, 4), ValueError, "4");
}

}  // namespace
}  // namespace rushlight::test
