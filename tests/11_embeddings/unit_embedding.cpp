// The lookup and the layer that owns the table.
#include <cmath>
#include <limits>

#include "11_embeddings/embeddings.hpp"
#include "11_embeddings/helpers.hpp"

namespace rushlight::test {
namespace {

Array table_by_hand() { return Array({4, 2}, {0, 1, 10, 11, 20, 21, 30, 31}); }

// --- 11.1 -------------------------------------------------------------------------------------------------------

TEST(Unit_11_1, RowsByHand) {
  const Array rows = embedding(table_by_hand(), ids({2, 3}, {3, 0, 0, 2, 1, 3})).value();
  EXPECT_TRUE(near(rows, {2, 3, 2}, {30, 31, 0, 1, 0, 1, 20, 21, 10, 11, 30, 31}, exactly));
}

TEST(Unit_11_1, IdsOfAnyShape) {
  EXPECT_TRUE(near(embedding(table_by_hand(), ids({}, {2})).value(), {2}, {20, 21}, exactly));
  EXPECT_TRUE(near(embedding(table_by_hand(), ids({0}, {})).value(), {0, 2}, {}, exactly));
  EXPECT_TRUE(near(embedding(table_by_hand(), ids({1, 1, 1}, {1})).value(), {1, 1, 1, 2}, {10, 11}, exactly));
}

TEST(Unit_11_1, TablesOfNoRowsOrNoWidth) {
  EXPECT_EQ(embedding(zeros({0, 2}), ids({0}, {})).shape(), (Shape{0, 2}));
  EXPECT_EQ(embedding(zeros({3, 0}), ids({2}, {1, 2})).shape(), (Shape{2, 0}));
  EXPECT_THROWS_WITH(embedding(zeros({0, 2}), ids({1}, {0})), IndexError, "0");
}

TEST(Unit_11_1, RandomTables) {
  Generator g(3);
  for (int round = 0; round < 20; ++round) {
    const std::int64_t count = 1 + g.below(9), width = 1 + g.below(7), length = g.below(12);
    const Array table = randn({count, width}, 100 + round);
    std::vector<std::int32_t> taken;
    std::vector<double> expected;
    for (std::int64_t i = 0; i < length; ++i) {
      taken.push_back(static_cast<std::int32_t>(g.below(count)));
      for (std::int64_t d = 0; d < width; ++d) expected.push_back(table.data()[taken.back() * width + d]);
    }
    EXPECT_TRUE(near(embedding(table, ids({length}, taken)).value(), {length, width}, expected, exactly));
  }
}

TEST(Unit_11_1, RowsArriveBitForBit) {
  const Real infinity = std::numeric_limits<Real>::infinity(), nan = std::numeric_limits<Real>::quiet_NaN();
  const Array table({2, 3}, {infinity, nan, Real(-0.0), Real(1e4), std::numeric_limits<Real>::denorm_min(), -infinity});
  EXPECT_TRUE(same_bits(embedding(table, ids({2}, {0, 1})).value(), table));
}

TEST(Unit_11_1, OneOpThatSavesNoValue) {
  const Tensor table(table_by_hand(), true);
  const Tensor y = embedding(table, ids({3}, {1, 1, 2}));
  ASSERT_TRUE(y.requires_grad());
  ASSERT_NE(y.node(), nullptr);
  EXPECT_STREQ(y.node()->op, "embedding");
  EXPECT_EQ(y.node()->inputs.at(0).node, table.node());
  EXPECT_FALSE(y.node()->inputs.at(0).saved.defined()) << "the ids alone are enough for the backward pass";
  EXPECT_FALSE(y.node()->saved_output.defined());
  EXPECT_FALSE(embedding(table_by_hand(), ids({1}, {0})).requires_grad());
}

TEST(Unit_11_1, PaddingChangesNoValue) {  // it concerns gradients only, as in PyTorch
  EXPECT_TRUE(near(embedding(table_by_hand(), ids({2}, {1, 0}), 1).value(), {2, 2}, {10, 11, 0, 1}, exactly));
}

TEST(Unit_11_1, TheTableIsLeftAlone) {
  const Tensor table(table_by_hand(), true);
  embedding(table, ids({2}, {3, 3}), 3);
  EXPECT_TRUE(same_bits(table.value(), table_by_hand()));
}

TEST(Unit_11_1, ErrorsNameTheId) {
  EXPECT_THROWS_WITH(embedding(table_by_hand(), ids({2}, {0, 4})), IndexError, "4");
  EXPECT_THROWS_WITH(embedding(table_by_hand(), ids({1}, {-1})), IndexError, "id -1");
  EXPECT_THROWS_WITH(embedding(zeros({4}), ids({1}, {0})), ShapeError, "(4,)");
  EXPECT_THROWS_WITH(embedding(zeros({4, 2, 2}), ids({1}, {0})), ShapeError, "(4, 2, 2)");
  EXPECT_THROWS_WITH(embedding(zeros({}), ids({1}, {0})), ShapeError, "()");
}

TEST(Unit_11_1, PaddingMustBeARow) {
  constexpr std::int64_t beyond_32_bits = std::int64_t{1} << 32;  // its lower half looks like a row
  for (const std::int64_t padding : {std::int64_t{4}, std::int64_t{-2}, beyond_32_bits + 1, 1 - beyond_32_bits}) {
    EXPECT_THROWS_WITH(embedding(table_by_hand(), ids({1}, {0}), padding), ValueError,
                       "padding_idx " + std::to_string(padding));
  }
}

// --- 11.2 -------------------------------------------------------------------------------------------------------

Embedding layer(EmbeddingOptions options, std::uint64_t seed = 1) {
  Generator g(seed);
  return Embedding(options, g);
}

TEST(Unit_11_2, WeightsAreStandardNormal) {
  const Embedding embedding = layer({.count = 200, .width = 50});
  ASSERT_EQ(embedding.weight.shape(), (Shape{200, 50}));
  double sum = 0, squares = 0;
  for (const Real value : embedding.weight.value().data()) {
    sum += value;
    squares += static_cast<double>(value) * value;
  }
  EXPECT_NEAR(sum / 10000, 0, 0.04);
  EXPECT_NEAR(std::sqrt(squares / 10000), 1, 0.03);
}

TEST(Unit_11_2, SameSeedSameWeight) {
  EXPECT_TRUE(
      same_bits(layer({.count = 5, .width = 3}).weight.value(), layer({.count = 5, .width = 3}).weight.value()));
  EXPECT_FALSE(
      same_bits(layer({.count = 5, .width = 3}, 2).weight.value(), layer({.count = 5, .width = 3}).weight.value()));
}

TEST(Unit_11_2, TheNextLayerDrawsOn) {  // from where this one has left the generator, padding or not
  Generator with(1), without(1);
  const Embedding padded({.count = 5, .width = 3, .padding_idx = 0}, with);
  const Array first = Embedding({.count = 5, .width = 3}, without).weight.value();
  EXPECT_EQ(with.state(), without.state());
  EXPECT_FALSE(same_bits(Embedding({.count = 5, .width = 3}, without).weight.value(), first));
}

TEST(Unit_11_2, TheWeightIsTheOnlyParameter) {
  Embedding embedding = layer({.count = 5, .width = 3});
  const NamedTensors parameters = embedding.named_parameters();
  ASSERT_EQ(parameters.size(), 1u);
  EXPECT_EQ(parameters[0].first, "weight");
  EXPECT_TRUE(parameters[0].second.requires_grad());
  EXPECT_EQ(embedding.parameter_count(), 15);
}

TEST(Unit_11_2, ForwardTakesRowsOfTheWeight) {
  Embedding embedding = layer({.count = 3, .width = 2});
  embedding.weight.set_value(Array({3, 2}, {1, 2, 3, 4, 5, 6}));
  const Tensor y = embedding(ids({2, 2}, {2, 0, 0, 1}));
  EXPECT_TRUE(near(y.value(), {2, 2, 2}, {5, 6, 1, 2, 1, 2, 3, 4}, exactly));
  ASSERT_TRUE(y.requires_grad());
  EXPECT_EQ(y.node()->inputs.at(0).node, embedding.weight.node());
}

TEST(Unit_11_2, ThePaddingRowStartsAtZero) {
  const Array with = layer({.count = 4, .width = 3, .padding_idx = 2}).weight.value();
  const Array without = layer({.count = 4, .width = 3}).weight.value();
  std::vector<double> expected = to_doubles(without);
  for (int d = 0; d < 3; ++d) expected[6 + d] = 0;
  EXPECT_TRUE(near(with, {4, 3}, expected, exactly)) << "one row is zeros, and the others are drawn as without padding";
}

TEST(Unit_11_2, ThePaddingRowMayBeTheFirstOrTheLast) {
  EXPECT_TRUE(near(layer({.count = 3, .width = 2, .padding_idx = 0})(ids({}, {0})).value(), {2}, {0, 0}, exactly));
  EXPECT_TRUE(near(layer({.count = 3, .width = 2, .padding_idx = 2})(ids({}, {2})).value(), {2}, {0, 0}, exactly));
}

// It starts as zeros, and that is all: a row that somebody has set or loaded is read like any other.
TEST(Unit_11_2, ALookupLeavesTheWeightAlone) {
  Embedding from = layer({.count = 3, .width = 2}), to = layer({.count = 3, .width = 2, .padding_idx = 1}, 9);
  to.load_state_dict(from.state_dict());
  const Array weight = from.weight.value().clone();
  for (const bool training : {true, false, true}) {
    to.train(training);
    EXPECT_TRUE(same_bits(to(ids({3}, {0, 1, 2})).value(), weight)) << (training ? "in training" : "in evaluation");
    EXPECT_TRUE(same_bits(to.weight.value(), weight));
  }
}

TEST(Unit_11_2, StateMovesToAnotherLayer) {
  Embedding from = layer({.count = 4, .width = 3}), to = layer({.count = 4, .width = 3}, 9);
  to.load_state_dict(from.state_dict());
  EXPECT_TRUE(same_bits(to(ids({3}, {0, 3, 1})).value(), from(ids({3}, {0, 3, 1})).value()));
}

TEST(Unit_11_2, ATensorIsNoId) {
  Embedding embedding = layer({.count = 4, .width = 3});
  Module& as_module = embedding;
  EXPECT_THROWS_WITH(as_module(ones({2})), Error, "does not take a single Tensor");
}

TEST(Unit_11_2, ErrorsNameTheOption) {
  EXPECT_THROWS_WITH(layer({.count = 0, .width = 3}), ValueError, "Embedding", "count is 0");
  EXPECT_THROWS_WITH(layer({.count = 3, .width = 0}), ValueError, "Embedding", "width is 0");
  EXPECT_THROWS_WITH(layer({.count = 3, .width = -1}), ValueError, "Embedding", "width is -1");
  EXPECT_THROWS_WITH(layer({.count = 3, .width = 2, .padding_idx = 3}), ValueError, "Embedding", "padding_idx 3");
  EXPECT_THROWS_WITH(layer({.count = 2, .width = 5, .padding_idx = 3}), ValueError, "Embedding", "padding_idx 3");
  EXPECT_THROWS_WITH(layer({.count = 3, .width = 2, .padding_idx = -2}), ValueError, "Embedding", "padding_idx -2");
  EXPECT_THROWS_WITH(layer({.count = 3, .width = 2, .padding_idx = (std::int64_t{1} << 32) + 1}), ValueError,
                     "padding_idx 4294967297");
  EXPECT_THROWS_WITH(layer({.count = 3, .width = 2})(ids({1}, {3})), IndexError, "3");
}

}  // namespace
}  // namespace rushlight::test
