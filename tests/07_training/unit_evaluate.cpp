// 07.4: a model on data that it does not learn from.
#include <cmath>

#include "07_training/rigs.hpp"

namespace rushlight::test {
namespace {

TEST(Unit_07_4, EvaluateByHand) {
  Echo model;
  Rows data = four_rows({0, 1, 0, 1}, 3);  // batches of 3 and 1
  const Evaluation result = evaluate(model, first_column, data);
  EXPECT_DOUBLE_EQ(result.accuracy, 0.5);
  EXPECT_DOUBLE_EQ(result.loss, 1.25)
      << "(2 + 0 - 2 + 5)/4: the batch of one row counts once, not as much as the other";
  EXPECT_EQ(result.examples, 4);
}

TEST(Unit_07_4, EvaluateLeavesNoTrace) {
  Echo model;
  Rows data = four_rows({0, 1, 0, 1}, 2);
  data.start_epoch(5);
  evaluate(model, first_column, data);
  EXPECT_EQ(model.modes, (std::vector<bool>{false, false}));
  EXPECT_FALSE(model.recording) << "evaluation builds no graph";
  EXPECT_TRUE(model.training()) << "the mode comes back";
  EXPECT_TRUE(grad_enabled());
  EXPECT_FALSE(model.w.grad().defined());
  model.eval();
  evaluate(model, first_column, data);
  EXPECT_FALSE(model.training()) << "a model that was in evaluation mode stays there";
  EXPECT_EQ(data.started.back(), 0);
}

TEST(Unit_07_4, EvaluateRestoresTheModeAfterAnError) {
  Echo model;
  Rows data = four_rows({0, 1, 0, 1}, 2);
  const auto broken = [](const Tensor&, const Batch&) -> Tensor { throw ValueError("no"); };
  EXPECT_THROW(evaluate(model, broken, data), ValueError);
  EXPECT_TRUE(model.training());
  EXPECT_TRUE(grad_enabled());
}

// Whichever mode a module was in, and the one above it.
TEST(Unit_07_4, EvaluateLeavesEveryModuleInItsMode) {
  for (const bool whole : {false, true}) {
    for (const bool part : {false, true}) {
      Sequential net{Tanh(), Tanh()};
      whole ? net.train() : net.eval();
      part ? net[0].train() : net[0].eval();
      Rows data = four_rows({0, 1, 0, 1}, 2);
      evaluate(net, first_column, data);
      EXPECT_EQ(net.training(), whole);
      EXPECT_EQ(net[0].training(), part) << "in a model in mode " << whole;
      EXPECT_EQ(net[1].training(), whole);
    }
  }
}

TEST(Unit_07_4, IgnoredLabelsDoNotCount) {
  Echo model;
  Rows data = four_rows({0, -100, 0, -100}, 4);
  EXPECT_DOUBLE_EQ(evaluate(model, first_column, data).accuracy, 0.5);
  Rows mixed = four_rows({0, -1, 0, -100}, 4);
  EXPECT_DOUBLE_EQ(evaluate(model, first_column, mixed).accuracy, 0.5) << "whatever the number below 0";
  Rows nothing = four_rows({-1, -1, -1, -1}, 4);
  EXPECT_EQ(evaluate(model, first_column, nothing).accuracy, 0);
}

// However the ignored labels fall into batches, the mean is over the labels that count.
TEST(Unit_07_4, IgnoredLabelsHaveNoShareInTheTestLoss) {
  const auto loss_in_batches_of = [](std::int64_t size) {
    Echo model;
    Rows data = four_rows({-100, -100, 0, 1}, size);
    const Evaluation result = evaluate(model, classify, data);
    EXPECT_EQ(result.examples, 4) << "in batches of " << size << ": they are no share of the loss, but examples";
    return result.loss;
  };
  const double expected = (std::log(1 + std::exp(1.0)) + std::log(1 + std::exp(1.0))) / 2;  // of (-2, -1) and (5, 4)
  for (const std::int64_t size : {1, 2, 3, 4}) EXPECT_NEAR(loss_in_batches_of(size), expected, 1e-5) << size;
  Echo model;
  Rows nothing = four_rows({-100, -100, -100, -100}, 2);
  EXPECT_THROWS_WITH(evaluate(model, classify, nothing), ValueError);
}

// What an autoencoder learns from. Labels that are undefined, or none for all the rows.
TEST(Unit_07_4, DataWithoutLabelsHasALossAndNoAccuracy) {
  struct Unlabelled : Rows {
    using Rows::Rows;
    bool all = true, empty = false;
    bool next(Batch& batch) override {
      if (!Rows::next(batch)) return false;
      if (all || state().position == 1) batch.labels = empty ? Indices({0}) : Indices();
      return true;
    }
  };
  for (const bool empty : {false, true}) {
    Echo model;
    Unlabelled data(Array({4, 2}, {2, 1, 0, 3, -2, -1, 5, 4}), Indices({4}, {0, 1, 0, 0}), 3, 0, false);
    data.empty = empty;
    const Evaluation result = evaluate(model, first_column, data);
    EXPECT_DOUBLE_EQ(result.loss, 1.25);
    EXPECT_EQ(result.accuracy, 0);
    EXPECT_EQ(result.examples, 4);
    data.all = false;  // the second batch, one row, has its label
    const Evaluation mixed = evaluate(model, first_column, data);
    EXPECT_DOUBLE_EQ(mixed.loss, 1.25);
    EXPECT_EQ(mixed.accuracy, 1) << "of one row";
  }
}

// Two texts of three letters each, out of four: scores (2, 3, 4), labels (2, 3).
TEST(Unit_07_4, TheClassesAreTheLastAxis) {
  struct Letters : Rows {
    using Rows::Rows;
    bool next(Batch& batch) override {
      if (!Rows::next(batch)) return false;
      batch.inputs = zeros({2, 3, 4});
      const std::int64_t largest[] = {3, 0, 2, 1, 3, 0};
      for (std::int64_t i = 0; i < 6; ++i) batch.inputs.mutable_data()[4 * i + largest[i]] = 1;
      batch.labels = Indices({2, 3}, {3, 0, 1, 1, -100, 2});
      return true;
    }
  };
  Echo model;
  Letters data(Array({2, 1}, {0, 0}), Indices({2}), 2);
  EXPECT_DOUBLE_EQ(evaluate(model, first_column, data).accuracy, 0.6) << "3, 0 and 1 of the five that have a label";
}

TEST(Unit_07_4, EvaluateNeedsExamples) {
  Echo model;
  Rows data(Array({0, 2}, std::vector<Real>{}), Indices({0}), 4);
  EXPECT_THROWS_WITH(evaluate(model, first_column, data), ValueError);
}

}  // namespace
}  // namespace rushlight::test
