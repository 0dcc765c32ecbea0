#include "04_losses/loss_checks.hpp"

namespace rushlight::test {
namespace {

Array input() { return Array({2, 3}, {1, 2, 3, -1, 0, 0.5}); }
Array target() { return Array({2, 3}, {1, 0, 5, 1, 0.5, 0.5}); }

}  // namespace

TEST(Unit_04_1, ReduceLoss) {
  const Tensor losses(Array({4}, {1, 2, 3, 6}));
  EXPECT_TRUE(near(reduce_loss(losses, Reduction::none, 4).value(), {4}, {1, 2, 3, 6}, exactly));
  EXPECT_TRUE(near(reduce_loss(losses, Reduction::sum, 4).value(), Shape{}, {12}, exactly));
  EXPECT_TRUE(near(reduce_loss(losses, Reduction::mean, 4).value(), Shape{}, {3}, exactly));
  EXPECT_TRUE(near(reduce_loss(losses, Reduction::mean, 3).value(), Shape{}, {4}, exactly)) << "one of four is ignored";
  EXPECT_TRUE(near(reduce_loss(losses, Reduction::mean, 8).value(), Shape{}, {1.5}, exactly))
      << "by count, whatever it is";
}

TEST(Unit_04_1, ReduceLossOverNothing) {
  const Tensor nothing(Array(Shape{0}));
  EXPECT_TRUE(near(reduce_loss(nothing, Reduction::sum, 0).value(), Shape{}, {0}, exactly));
  EXPECT_TRUE(near(reduce_loss(nothing, Reduction::mean, 0).value(), Shape{}, {not_a_number}));
}

TEST(Unit_04_1, MseByHand) {
  expect_reductions([](Reduction r) { return mse_loss(input(), target(), r); }, {2, 3}, {0, 4, 4, 4, 0.25, 0}, 6);
  EXPECT_TRUE(near(mse_loss(input(), target()).value(), Shape{}, {12.25 / 6})) << "mean is the default";
}

TEST(Unit_04_1, HuberByHand) {  // d = 0, 2, -2, -2, -0.5, 0
  const auto loss = [](Real delta) {
    return [delta](Reduction r) { return huber_loss(input(), target(), {.delta = delta, .reduction = r}); };
  };
  expect_reductions(loss(1), {2, 3}, {0, 1.5, 1.5, 1.5, 0.125, 0}, 6);
  expect_reductions(loss(0.25), {2, 3}, {0, 0.46875, 0.46875, 0.46875, 0.09375, 0}, 6);
  expect_reductions(loss(10), {2, 3}, {0, 2, 2, 2, 0.125, 0}, 6);  // half of mse
  EXPECT_TRUE(near(huber_loss(input(), target()).value(), Shape{}, {4.625 / 6})) << "delta 1 and mean are the defaults";
}

TEST(Unit_04_1, HuberWithoutALine) {  // delta is infinite: d²/2 everywhere
  const HuberOptions options{.delta = std::numeric_limits<Real>::infinity(), .reduction = Reduction::none};
  EXPECT_TRUE(near(huber_loss(input(), target(), options).value(), {2, 3}, {0, 2, 2, 2, 0.125, 0}));
}

TEST(Unit_04_1, HuberIsContinuousAtDelta) {
  const auto at = [](Real d) { return huber_loss(Array::scalar(d), Array::scalar(0), {.delta = 2}).item(); };
  EXPECT_NEAR(at(static_cast<Real>(1.9999)), at(static_cast<Real>(2.0001)), 1e-3);
  EXPECT_EQ(at(2), 2);
}

TEST(Unit_04_1, EmptyBatch) {
  const Tensor none(Array(Shape{0, 3}));
  EXPECT_TRUE(near(mse_loss(none, none).value(), Shape{}, {not_a_number}));
  EXPECT_TRUE(near(mse_loss(none, none, Reduction::sum).value(), Shape{}, {0}, exactly));
  EXPECT_EQ(huber_loss(none, none, {.reduction = Reduction::none}).shape(), (Shape{0, 3}));
}

TEST(Unit_04_1, HugeAndBroken) {
  const Array x = array_from({4}, {1e4, -1e4, not_a_number, infinity});
  const Array t = zeros({4});
  EXPECT_TRUE(near(mse_loss(x, t, Reduction::none).value(), {4}, {1e8, 1e8, not_a_number, infinity}));
  EXPECT_TRUE(
      near(huber_loss(x, t, {.reduction = Reduction::none}).value(), {4}, {9999.5, 9999.5, not_a_number, infinity}));
}

// (N, 1) against (N) is the classic: broadcast to (N, N), it trains, and to nonsense.
TEST(Unit_04_1, ShapesMustBeEqual) {
  EXPECT_THROWS_WITH(mse_loss(Array({3, 1}), Array(Shape{3})), ShapeError, "(3, 1)", "(3,)");
  EXPECT_THROWS_WITH(huber_loss(Array({3, 2}), Array({2, 3})), ShapeError, "(3, 2)", "(2, 3)");
}

TEST(Unit_04_1, HuberRefusesDelta) {
  EXPECT_THROWS_WITH(huber_loss(input(), target(), {.delta = 0}), ValueError, "delta", "0");
  EXPECT_THROWS_WITH(huber_loss(input(), target(), {.delta = -2}), ValueError, "delta", "-2");
  EXPECT_THROWS_WITH(huber_loss(input(), target(), {.delta = static_cast<Real>(not_a_number)}), ValueError, "nan");
}

TEST(Unit_04_1, GraphAndInputs) {
  const Tensor x(input(), true);
  const Array before = x.value().clone();
  const Tensor loss = mse_loss(x, target(), Reduction::none);
  ASSERT_TRUE(loss.requires_grad());
  EXPECT_TRUE(huber_loss(x, target(), {.reduction = Reduction::none}).requires_grad());
  EXPECT_FALSE(mse_loss(input(), target()).requires_grad());
  EXPECT_TRUE(same_bits(x.value(), before));
}

}  // namespace rushlight::test
