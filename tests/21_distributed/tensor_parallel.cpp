// Two linear layers over the ranks: values, and gradients of the pair against the whole.
#include "03_layers/layers.hpp"
#include "networks.hpp"

namespace rushlight::test {
namespace {

struct Pair {
  explicit Pair(bool bias = true)
      : random(8),
        first({.in = 3, .out = 5, .bias = bias}, random),
        second({.in = 5, .out = 2, .bias = bias}, random) {}
  Generator random;
  Linear first, second;
};

Array cotangent() { return Array({4, 2}, {1, -2, Real(0.5), 3, Real(-0.25), 2, Real(1.5), -1}); }

RANKS(pair_on_ranks) {
  for (const bool bias : {true, false}) {
    Pair whole(bias);
    ColumnLinear first(whole.first, world);
    RowLinear second(whole.second, world);
    const Tensor x(test::randn({4, 3}, 2), true);
    const Tensor hidden = first(x), y = second(tanh(hidden));
    y.backward(cotangent());
    json one = {{"hidden", to_doubles(hidden.value())},
                {"width", hidden.dim(-1)},
                {"y", to_doubles(y.value())},
                {"dx", to_doubles(x.grad())}};
    one["first"] = gradients_of(first);
    one["second"] = gradients_of(second);
    says[bias ? "with" : "without"] = one;
  }
}

RANKS(texts_on_ranks) {
  Pair whole;
  ColumnLinear first(whole.first, world);
  RowLinear second(whole.second, world);
  const Array rows = test::randn({4, 3}, 2);
  const Tensor x(rows, true), texts(rows.with_shape({2, 2, 3}), true);
  const Tensor y = second(tanh(first(x))), of_texts = second(tanh(first(texts)));
  y.backward(cotangent());
  of_texts.backward(cotangent().with_shape({2, 2, 2}));
  EXPECT_EQ(of_texts.shape(), (Shape{2, 2, 2}));
  EXPECT_TRUE(near(of_texts.value().with_shape({4, 2}), y.value(), {1e-5, 1e-6}));
  EXPECT_TRUE(near(texts.grad().with_shape({4, 3}), x.grad(), {1e-5, 1e-6}));
  says["done"] = true;
}

TEST(Unit_21_9, AnyLeadingAxesWillDo) {
  for (const json& said : on_ranks(2, "texts_on_ranks")) EXPECT_EQ(said["done"], true);
}

json columns_of(const std::vector<double>& matrix, std::int64_t columns, const Chunk& chunk) {
  json part = json::array();
  for (std::size_t i = 0; i < matrix.size(); ++i) {
    const std::int64_t column = static_cast<std::int64_t>(i) % columns;
    if (column >= chunk.begin && column < chunk.end) part.push_back(matrix[i]);
  }
  return part;
}

json rows_of_matrix(const std::vector<double>& matrix, std::int64_t columns, const Chunk& chunk) {
  return std::vector<double>(matrix.begin() + chunk.begin * columns, matrix.begin() + chunk.end * columns);
}

struct Whole {
  explicit Whole(bool bias)
      : pair(bias),
        x(test::randn({4, 3}, 2), true),
        hidden(pair.first(x)),
        y(pair.second(tanh(hidden))),
        tape(y, cotangent()) {}
  std::vector<double> grad(const Tensor& tensor) const { return to_doubles(tape.grad(tensor)); }
  Pair pair;
  Tensor x, hidden, y;
  Tape tape;
};

constexpr double rtol = double_precision ? 1e-9 : 2e-5, atol = double_precision ? 1e-12 : 2e-6;

TEST(Unit_21_9, ThePairGivesWhatTheWholeGives) {
  for (const int ranks : {1, 2, 3}) {
    const std::vector<json> said = on_ranks(ranks, "pair_on_ranks");
    for (const bool bias : {true, false}) {
      const Whole whole(bias);
      for (int rank = 0; rank < ranks; ++rank) {
        const json& one = said[rank][bias ? "with" : "without"];
        const Chunk mine = chunk_of(5, ranks, rank);
        EXPECT_EQ(one["width"], mine.size());
        EXPECT_TRUE(close(one["hidden"], columns_of(to_doubles(whole.hidden.value()), 5, mine), rtol, atol));
        EXPECT_TRUE(close(one["y"], json(to_doubles(whole.y.value())), rtol, atol))
            << "rank " << rank << " of " << ranks;
      }
    }
  }
}

TEST(GradientFlow_21_9, ThePairPassesGradientsAsTheWhole) {
  for (const int ranks : {1, 2, 3}) {
    const std::vector<json> said = on_ranks(ranks, "pair_on_ranks");
    const Whole whole(true);
    for (int rank = 0; rank < ranks; ++rank) {
      const json& one = said[rank]["with"];
      const Chunk mine = chunk_of(5, ranks, rank);
      EXPECT_TRUE(close(one["dx"], json(whole.grad(whole.x)), rtol, atol)) << "rank " << rank << " of " << ranks;
      EXPECT_TRUE(
          close(one["first"]["weight"], rows_of_matrix(whole.grad(whole.pair.first.weight), 3, mine), rtol, atol));
      EXPECT_TRUE(close(one["first"]["bias"], rows_of_matrix(whole.grad(whole.pair.first.bias), 1, mine), rtol, atol));
      EXPECT_TRUE(
          close(one["second"]["weight"], columns_of(whole.grad(whole.pair.second.weight), 5, mine), rtol, atol));
      EXPECT_TRUE(close(one["second"]["bias"], json(whole.grad(whole.pair.second.bias)), rtol, atol));
    }
  }
}

RANKS(a_bias_of_its_own) {
  Pair whole;
  RowLinear second(whole.second, world);
  const Array before = whole.second.bias.value().clone();
  second.bias.mutable_value().mutable_data()[0] += 1;
  EXPECT_TRUE(same_bits(whole.second.bias.value(), before)) << "the whole layer keeps its own";
}

TEST(Unit_21_9, TheWholeLayerKeepsItsBias) { on_ranks(2, "a_bias_of_its_own"); }

RANKS(beside_another) {  // the sum hands one gradient to both of its sides
  const Tensor x(ones({2}), true), beside(ones({2}), true);
  (copy_to_ranks(x, world) + beside).backward(Array({2}, {static_cast<Real>(1 + world.rank()), 10}));
  says["x"] = to_doubles(x.grad());
  says["beside"] = to_doubles(beside.grad());
}

TEST(GradientFlow_21_9, TheSumOverRanksStaysOutOfWhatOthersReceive) {
  const std::vector<json> said = on_ranks(2, "beside_another");
  for (int rank = 0; rank < 2; ++rank) {
    EXPECT_EQ(said[rank]["x"], json({3.0, 20.0}));
    EXPECT_EQ(said[rank]["beside"], json({1.0 + rank, 10.0}));
  }
}

RANKS(two_ops) {
  const Tensor x(full_like(ones({2}), static_cast<Real>(1 + world.rank())), true);
  const Tensor copied = copy_to_ranks(x, world);
  says["copied"] = to_doubles(copied.value());
  copied.backward(Array({2}, {static_cast<Real>(1 + world.rank()), 10}));
  says["copied grad"] = to_doubles(x.grad());
  const Tensor z(full_like(ones({2}), static_cast<Real>(1 + world.rank())), true);
  const Tensor summed = sum_over_ranks(z, world);
  says["summed"] = to_doubles(summed.value());
  says["untouched"] = to_doubles(z.value());
  const Array seed({2}, {static_cast<Real>(3), 5});
  summed.backward(seed);
  says["summed grad"] = to_doubles(z.grad());
  EXPECT_EQ(seed.data()[0], Real{3});
}

TEST(GradientFlow_21_9, TheTwoOpsAreEachOthersDerivative) {
  const std::vector<json> said = on_ranks(2, "two_ops");
  for (int rank = 0; rank < 2; ++rank) {
    const int own = 1 + rank;
    EXPECT_EQ(said[rank]["copied"], json({own, own}));
    EXPECT_EQ(said[rank]["copied grad"], json({3, 20}));
    EXPECT_EQ(said[rank]["summed"], json({3, 3}));
    EXPECT_EQ(said[rank]["untouched"], json({own, own}));
    EXPECT_EQ(said[rank]["summed grad"], json({3, 5}));
  }
}

RANKS(too_narrow) {
  Generator random(1);
  const Linear narrow({.in = 1, .out = 1}, random);
  EXPECT_THROWS_WITH(ColumnLinear(narrow, world), ValueError, "1");
  EXPECT_THROWS_WITH(RowLinear(narrow, world), ValueError, "1");
  const Linear wide({.in = 4, .out = 4}, random);
  Tensor mine = ColumnLinear(wide, world).weight;
  EXPECT_TRUE(mine.requires_grad());
  mine.mutable_value().mutable_data()[0] = 99;
  EXPECT_NE(wide.weight.value().data()[0], Real{99}) << "a copy";
}

TEST(Unit_21_9, LayersThatAreTooNarrow) { on_ranks(2, "too_narrow"); }

}  // namespace
}  // namespace rushlight::test
