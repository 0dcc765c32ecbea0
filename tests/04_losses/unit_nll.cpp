#include "04_losses/loss_checks.hpp"

namespace rushlight::test {

TEST(Unit_04_4, CountLabels) {
  EXPECT_EQ(count_labels("op", {4, 3}, Indices({4}, {0, 2, skip, 1}), skip), 3);
  EXPECT_EQ(count_labels("op", {2, 2, 3}, Indices({2, 2}, {0, 2, 2, 1}), 2), 2);
  EXPECT_EQ(count_labels("op", {0, 3}, Indices(Shape{0}), skip), 0);
  EXPECT_EQ(count_labels("op", {3}, Indices(Shape{}, {1}), skip), 1);
}

TEST(Unit_04_4, LabelsOutOfRange) {
  EXPECT_THROWS_WITH(count_labels("op", {6, 3}, Indices({6}, {0, skip, 2, 1, 8, 7}), skip), IndexError, "op", "8", "4",
                     "3");
  EXPECT_THROWS_WITH(nll_loss(zeros({7, 3}), Indices({7}, {0, 1, 2, 0, 1, -7, 0})), IndexError, "nll_loss", "-7", "5");
  EXPECT_THROWS_WITH(nll_loss(zeros({2, 3}), Indices({2}, {0, skip}), {.ignore_index = -1}), IndexError, "-100");
}

TEST(Unit_04_4, LabelShapes) {
  EXPECT_THROWS_WITH(nll_loss(zeros({2, 3}), Indices(Shape{3})), ShapeError, "nll_loss", "(2, 3)", "(3,)");
  EXPECT_THROWS_WITH(nll_loss(zeros({2, 3}), Indices({2, 1})), ShapeError, "(2, 1)");
  EXPECT_THROWS_WITH(nll_loss(zeros({2, 3, 4}), Indices({2, 4})), ShapeError, "last axis");  // PyTorch's order
  EXPECT_THROWS_WITH(nll_loss(Array::scalar(1), Indices(Shape{})), ShapeError, "nll_loss");
}

TEST(Unit_04_4, WithoutClassesThereIsNoLabel) {
  EXPECT_THROWS_WITH(nll_loss(zeros({0, 0}), Indices(Shape{0})), ShapeError, "nll_loss", "(0, 0)");
  EXPECT_THROWS_WITH(nll_loss(zeros({2, 0}), Indices({2}, {skip, skip})), ShapeError, "(2, 0)");
}

TEST(Unit_04_4, NllByHand) {
  const Array log_p({3, 2}, {-1, -2, -3, -4, -5, -6});
  const Indices labels({3}, {1, 0, 1});
  expect_reductions([&](Reduction r) { return nll_loss(log_p, labels, {.reduction = r}); }, {3}, {2, 3, 6}, 3);
  EXPECT_TRUE(near(nll_loss(log_p, labels).value(), Shape{}, {11.0 / 3})) << "mean is the default";
}

TEST(Unit_04_4, NllOverManyAxes) {
  const Array log_p({2, 2, 3}, {-1, -2, -3, -4, -5, -6, -7, -8, -9, -10, -11, -12});
  const Indices labels({2, 2}, {2, 0, 1, 1});
  expect_reductions([&](Reduction r) { return nll_loss(log_p, labels, {.reduction = r}); }, {2, 2}, {3, 4, 8, 11}, 4);
  EXPECT_TRUE(near(nll_loss(Array({3}, {-1, -2, -3}), Indices(Shape{}, {2})).value(), Shape{}, {3}));
}

TEST(Unit_04_4, NllIgnoresRows) {  // they count neither above nor below the line
  const Array log_p = array_from({4, 2}, {-1, -2, not_a_number, -4, -5, -6, -7, -8});
  const Indices labels({4}, {1, skip, 0, 1});
  expect_reductions([&](Reduction r) { return nll_loss(log_p, labels, {.reduction = r}); }, {4}, {2, 0, 5, 8}, 3);
  expect_reductions(
      [&](Reduction r) {
        return nll_loss(log_p, Indices({4}, {1, 0, 0, 1}), {.ignore_index = 0, .reduction = r});
      },
      {4}, {2, 0, 0, 8}, 2);  // one of the classes may be the one that is ignored
}

TEST(Unit_04_4, NllOfNothing) {  // as PyTorch: 0/0 when nothing counts
  const Tensor none(Array({0, 3}));
  EXPECT_TRUE(near(nll_loss(none, Indices(Shape{0})).value(), Shape{}, {not_a_number}));
  EXPECT_TRUE(near(nll_loss(none, Indices(Shape{0}), {.reduction = Reduction::sum}).value(), Shape{}, {0}, exactly));
  const Indices ignored({2}, {skip, skip});
  EXPECT_TRUE(near(nll_loss(zeros({2, 3}), ignored).value(), Shape{}, {not_a_number}));
  EXPECT_TRUE(near(nll_loss(zeros({2, 3}), ignored, {.reduction = Reduction::sum}).value(), Shape{}, {0}, exactly));
}

TEST(Unit_04_4, NllGraphAndInputs) {
  const Tensor x(randn({2, 3}, 31), true);
  const Array before = x.value().clone();
  const Indices labels({2}, {0, 2});
  const Tensor loss = nll_loss(x, labels, {.reduction = Reduction::none});
  ASSERT_TRUE(loss.requires_grad());
  EXPECT_FALSE(nll_loss(x.value(), labels).requires_grad());
  EXPECT_TRUE(same_bits(x.value(), before));
  if (loss.node()->op == std::string_view("nll_loss")) {
    EXPECT_TRUE(loss.node()->save == Save::nothing) << "the rule needs neither input nor output";
  }
}

}  // namespace rushlight::test
