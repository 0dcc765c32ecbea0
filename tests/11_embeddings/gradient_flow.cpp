// Which rows learn and which do not, every derivative against central differences, and the layers as modules.
#include <cmath>

#include "05_autograd/autograd.hpp"
#include "11_embeddings/embeddings.hpp"
#include "11_embeddings/helpers.hpp"
#include "support/module_checks.hpp"

namespace rushlight::test {
namespace {

Array table_gradient(const Indices& taken, const Array& seed, std::int64_t padding_idx = no_padding) {
  const Tensor table(randn({4, 2}, 1), true);
  return Tape(embedding(table, taken, padding_idx), seed).grad(table);
}

// A module over Tensors, as module_checks.hpp examines them, around a layer that takes something else.
template <class Layer>
struct Wrapped : Module {
  using Forward = std::function<Tensor(Layer&, const Tensor&)>;
  Wrapped(Layer inner_layer, Forward f) : inner(std::move(inner_layer)), run(std::move(f)) {}
  Tensor forward(const Tensor& x) override { return run(inner, x); }
  void members(Members& m) override { m("inner", inner); }
  Layer inner;
  Forward run;
};

// --- 11.1 -------------------------------------------------------------------------------------------------------

TEST(GradientFlow_11_1, OnlyTakenRowsGetOne) {
  const Array gradient = table_gradient(ids({2}, {2, 0}), Array({2, 2}, {1, 2, 3, 4}));
  EXPECT_TRUE(near(gradient, {4, 2}, {3, 4, 0, 0, 1, 2, 0, 0}, exactly));
}

TEST(GradientFlow_11_1, RepeatedIdsAccumulate) {
  const Array gradient = table_gradient(ids({2, 2}, {1, 3, 1, 1}), Array({2, 2, 2}, {1, 2, 10, 20, 4, 8, 16, 32}));
  EXPECT_TRUE(near(gradient, {4, 2}, {0, 0, 21, 42, 0, 0, 10, 20}, exactly));
}

TEST(GradientFlow_11_1, ThePaddingRowGetsNone) {
  const Array seed({4, 2}, {1, 2, 10, 20, 4, 8, 16, 32});
  const Indices taken = ids({4}, {1, 3, 1, 0});
  EXPECT_TRUE(near(table_gradient(taken, seed, 1), {4, 2}, {16, 32, 0, 0, 0, 0, 10, 20}, exactly));
  EXPECT_TRUE(near(table_gradient(taken, seed, 0), {4, 2}, {0, 0, 5, 10, 0, 0, 10, 20}, exactly));
  EXPECT_TRUE(near(table_gradient(taken, seed, 3), {4, 2}, {16, 32, 5, 10, 0, 0, 0, 0}, exactly));
}

TEST(GradientFlow_11_1, ThePaddingRowStopsANaN) {
  const Real nan = std::numeric_limits<Real>::quiet_NaN();
  const Array gradient = table_gradient(ids({2}, {1, 0}), Array({2, 2}, {nan, nan, 3, 4}), 1);
  EXPECT_TRUE(near(gradient, {4, 2}, {3, 4, 0, 0, 0, 0, 0, 0}, exactly));
}

TEST(GradientFlow_11_1, TheArrivingGradientIsLeftAlone) {
  const Tensor table(randn({4, 2}, 1), true);
  const Array seed = ones({2, 2});
  local_gradients(*embedding(table, ids({2}, {1, 1}), 1).node(), seed);
  EXPECT_TRUE(near(seed, ones({2, 2}), exactly));
}

TEST(GradientFlow_11_1, NoIdsNoGradient) {
  EXPECT_TRUE(near(table_gradient(ids({0}, {}), zeros({0, 2})), zeros({4, 2}), exactly));
}

TEST(GradientFlow_11_1, AgainstCentralDifferences) {
  for (const Shape& shape : {Shape{}, Shape{5}, Shape{2, 3}}) {
    Indices taken(shape);
    std::int32_t next = 2;
    for (std::int32_t& id : taken.mutable_data()) id = (next = (next * 3 + 1) % 5) % 4;
    expect_gradients([&](const Tensors& in) { return embedding(in[0], taken); }, {randn({4, 3}, 2)}, {.floor = 0.1});
  }
}

TEST(GradientFlow_11_1, IsAProductWithOneHotRows) {
  const Array one_hot({3, 4}, {0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 1, 0});  // ids 2, 0, 2
  const Array table = randn({4, 5}, 3);
  const Arrays looked_up = tape_gradients(
      [](const Tensors& in) {
        return embedding(in[0], ids({3}, {2, 0, 2}));
      },
      {table});
  const Arrays multiplied = tape_gradients([&](const Tensors& in) { return matmul(one_hot, in[0]); }, {table});
  EXPECT_TRUE(near(looked_up[0], multiplied[0], gradient_tolerance));
}

TEST(GradientFlow_11_1, TwoPassesAccumulateAndZeroGradClears) {
  Tensor table(randn({4, 2}, 1), true);
  const auto pass = [&] { embedding(table, ids({2}, {2, 2})).backward(Array({2, 2}, {1, 2, 3, 4})); };
  pass();
  EXPECT_TRUE(near(table.grad(), {4, 2}, {0, 0, 0, 0, 4, 6, 0, 0}, exactly));
  pass();
  EXPECT_TRUE(near(table.grad(), {4, 2}, {0, 0, 0, 0, 8, 12, 0, 0}, exactly));
  table.zero_grad();
  EXPECT_FALSE(table.grad().defined());
}

TEST(GradientFlow_11_1, NothingIsRecordedWithoutGradients) {
  const Tensor table(randn({4, 2}, 1), true);
  const NoGrad off;
  EXPECT_FALSE(embedding(table, ids({2}, {2, 2})).requires_grad());
}

// --- 11.2 -------------------------------------------------------------------------------------------------------

TEST(GradientFlow_11_2, EmbeddingModule) {
  expect_module({"Embedding",
                 "Embedding",
                 [] {
                   Generator g(1);
                   return std::make_unique<Wrapped<Embedding>>(Embedding({.count = 4, .width = 3}, g),
                                                               [](Embedding& e, const Tensor& x) {
                                                                 return x * e(ids({2, 2}, {3, 1, 1, 0}));
                                                               });
                 },
                 {2, 2, 3},
                 {{"inner.weight", {4, 3}}}});
}

TEST(GradientFlow_11_2, TheLayersPaddingRowGetsNone) {
  Generator g(2);
  Embedding embedding({.count = 3, .width = 2, .padding_idx = 1}, g);
  for (const bool training : {true, false}) {
    embedding.train(training);
    embedding.zero_grad();
    embedding(ids({3}, {1, 2, 1})).backward(ones({3, 2}));
    EXPECT_TRUE(near(embedding.weight.grad(), {3, 2}, {0, 0, 0, 0, 1, 1}, exactly))
        << (training ? "in training" : "in evaluation");
  }
}

// --- 11.3 -------------------------------------------------------------------------------------------------------

TEST(GradientFlow_11_3, LearnedPositionsModule) {
  expect_module({"LearnedPositions",
                 "LearnedPositions",
                 [] {
                   Generator g(1);
                   return std::make_unique<Wrapped<LearnedPositions>>(
                       LearnedPositions({.length = 4, .width = 3}, g),
                       [](LearnedPositions& p, const Tensor& x) { return x + p.forward(2, 1); });
                 },
                 {3, 2, 3},
                 {{"inner.weight", {4, 3}}}});
}

TEST(GradientFlow_11_3, OnlyUsedRowsGetOneSummedOverTheBatch) {
  Generator g(1);
  LearnedPositions positions({.length = 4, .width = 2}, g);
  const Tensor y = Tensor(zeros({2, 2, 2})) + positions.forward(2, 1);
  y.backward(Array({2, 2, 2}, {1, 2, 3, 4, 10, 20, 30, 40}));
  EXPECT_TRUE(near(positions.weight.grad(), {4, 2}, {0, 0, 11, 22, 33, 44, 0, 0}, exactly));
}

// --- 11.4 -------------------------------------------------------------------------------------------------------

TEST(GradientFlow_11_4, SinesAreAConstantThatLetsGradientsThrough) {
  const Array table = sinusoidal_positions(3, 4);
  expect_gradients([&](const Tensors& in) { return (in[0] + table) * (in[0] + table); }, {randn({2, 3, 4}, 4)});
}

// --- 11.5 -------------------------------------------------------------------------------------------------------

TEST(GradientFlow_11_5, AgainstCentralDifferences) {
  std::uint64_t seed = 5;
  for (const Shape& shape : {Shape{1, 2}, Shape{4, 6}, Shape{2, 2, 3, 4}}) {
    for (const RotaryOptions& options : {RotaryOptions{}, RotaryOptions{.base = 10, .start = 7}}) {
      expect_gradients([&](const Tensors& in) { return rotary(in[0], options); }, {randn(shape, seed++)},
                       {.floor = 0.1});
    }
  }
}

// The transpose of a rotation is the rotation back: turning the gradient forward again gives what arrived.
TEST(GradientFlow_11_5, TheGradientIsTurnedBack) {
  const Tensor x(randn({2, 5, 6}, 8), true);
  const Array seed = randn({2, 5, 6}, 9);
  const Array gradient = Tape(rotary(x, {.start = 3}), seed).grad(x);
  EXPECT_TRUE(near(rotary(gradient, {.start = 3}).value(), seed, {1e-5, 1e-6}));
  EXPECT_FALSE(near(gradient, seed, {1e-2, 1e-2}));
}

TEST(GradientFlow_11_5, ThroughTheScores) {  // q and k turned, then multiplied, as attention does it
  expect_gradients([](const Tensors& in) { return matmul(rotary(in[0]), rotary(in[1]), {.transpose_b = true}); },
                   {randn({2, 3, 4}, 10), randn({2, 3, 4}, 11)}, {.floor = 0.1});
}

}  // namespace
}  // namespace rushlight::test
