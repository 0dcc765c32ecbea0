// Is what is called a cosine one, also for very small gradients; and does the interpretation follow its rule?

#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"
#include "2016_feedback_alignment/acceptance.hpp"
#include "2016_feedback_alignment/direction_quality.hpp"
#include "dfa.hpp"

namespace rushlight::test {
namespace {

using namespace dfa;

TEST(Milestones_08, DfaSelfCosine) {
  const Array g = randn({5, 7}, 1);
  for (const double scale : {1.0, 1e-9, 1e-13}) {
    const Array a = g * static_cast<Real>(scale);
    for (const double each : row_cosines(a, g)) EXPECT_NEAR(each, 1, 1e-6) << scale;
    for (const double each : row_cosines(-a, g)) EXPECT_NEAR(each, -1, 1e-6) << scale;
  }
  for (const double each : row_cosines(g * Real(1e-20), g)) EXPECT_NEAR(each, 1, 1e-6);
  for (const double each : row_cosines(zeros({5, 7}), g)) EXPECT_EQ(each, 0);
  for (const double each : row_cosines(g, zeros({5, 7}))) EXPECT_EQ(each, 0);
}

TEST(Milestones_08, DfaRowCosinesCompareRowsOfOneShape) {
  EXPECT_THROWS_WITH(row_cosines(zeros({2, 3}), zeros({3, 2})), ShapeError, "row_cosines", "(2, 3)", "(3, 2)");
}

TEST(Milestones_08, DfaEpsMatters) {
  const Array a = randn({1, 6}, 2);
  const Array g = a * Real(1e-9);
  EXPECT_NEAR(cosine(a.data(), g.data()), 1, 1e-6);
  EXPECT_LT(cosine(a.data(), g.data(), 1e-8), 0.9);  // the usual eps would call this a poor direction
}

TEST(Milestones_08, DfaStatistics) {
  EXPECT_EQ(median_of({4, 1, 3, 2}), 2);  // the lower of the two
  EXPECT_EQ(median_of({5, 1, 3}), 3);
  EXPECT_EQ(median_of({7}), 7);
  EXPECT_TRUE(std::isnan(median_of({1, nan, 2})));
  EXPECT_THROWS_WITH(median_of({}), ValueError, "no values");
  const std::vector<double> values{1, 2, 3, 6};
  EXPECT_DOUBLE_EQ(mean_of(values), 3);
  EXPECT_DOUBLE_EQ(deviation_of(values), std::sqrt(14.0 / 3));
}

TEST(Milestones_08, DfaMeasuringLeavesNothingBehind) {
  Learner learner = golden_learner(), before = golden_learner();
  learner.model.train();
  measure_direction_quality(learner.model, learner.feedback, golden_batch());
  EXPECT_TRUE(learner.model.training());
  EXPECT_FALSE(has_gradient(learner.model, ""));
  EXPECT_TRUE(same_parameters(learner.model, before.model));
}

TEST(Milestones_08, DfaMeasuresInsideNoGradToo) {
  Learner learner = golden_learner();
  const auto outside = measure_direction_quality(learner.model, learner.feedback, golden_batch());
  const NoGrad no_graph;
  EXPECT_EQ(measure_direction_quality(learner.model, learner.feedback, golden_batch()), outside);
}

// With a plain linear head, dCE/dh = e·W/N. Feedback Wᵀ is then back-propagation itself.
TEST(Milestones_08, DfaFeedbackEqualsTransposeRecoversBP) {
  const Array weight = randn({4, 6}, 1);
  const Indices labels({5}, {0, 3, 1, 2, 1});
  const Tensor h(randn({5, 6}, 2), true);
  const Tensor logits = linear(h, Tensor(weight));
  const Array g = grad(cross_entropy(logits, labels), {h})[0];
  const Array a = credit(output_error(logits.value(), labels), transpose(weight, 0, 1));
  EXPECT_TRUE(near(a, g * Real(5), {1e-5, 1e-6}));  // g carries 1/N
  for (const double each : row_cosines(a, g)) EXPECT_NEAR(each, 1, 1e-6);
}

LayerQuality quality(double cos_mean, double g_norm) { return {.layer = 2, .cos_mean = cos_mean, .g_norm = g_norm}; }

TEST(Milestones_08, DfaInterpretation) {
  EXPECT_EQ(interpret(quality(0.049, 1e-6)).verdict, Verdict::confirmed);
  EXPECT_EQ(interpret(quality(-0.049, 1e-6)).verdict, Verdict::confirmed);
  EXPECT_EQ(interpret(quality(0.05, 1e-6)).verdict, Verdict::partial);
  EXPECT_EQ(interpret(quality(-0.199, 1e-6)).verdict, Verdict::partial);
  EXPECT_EQ(interpret(quality(0.20, 1e-6)).verdict, Verdict::rejected);
  EXPECT_EQ(interpret(quality(-0.9, 1e-6)).verdict, Verdict::rejected);
  EXPECT_EQ(interpret(quality(0.01, 1e-7)).verdict, Verdict::unmeasurable);  // must be above, not at
  EXPECT_EQ(interpret(quality(0.01, 1.1e-7)).verdict, Verdict::confirmed);
  EXPECT_EQ(interpret(quality(0.01, nan)).verdict, Verdict::unmeasurable);
  EXPECT_NE(interpret(quality(0.01, 1e-6)).text.find("CONFIRMED"), std::string::npos);
  EXPECT_NE(interpret(quality(0.01, 1e-8)).text.find("larger lam"), std::string::npos);
}

ArmReport arm(double accuracy, double h_norm, double g_norm, double cos) {
  ArmReport report;
  report.test_accuracy = accuracy;
  report.layers.resize(5);
  report.layers[2].g_norm = g_norm;
  report.layers[2].cos_mean = cos;
  report.layers[4].h_norm = h_norm;
  return report;
}

std::string held(const ArmReport& vanilla, const ArmReport& penalised) {
  std::string letters;
  for (const Ordering& each : orderings(vanilla, penalised)) letters += each.holds() ? 'y' : 'n';
  return letters;
}

TEST(Milestones_08, DfaEachOrderingCanFail) {
  const ArmReport vanilla = arm(0.6, 51, 1, 0.19);
  EXPECT_EQ(held(vanilla, arm(0.7, 10, 3.1, -0.19)), "yyyyy");
  EXPECT_EQ(held(vanilla, arm(0.7, 10.3, 3.1, 0)), "nyyyy");
  EXPECT_EQ(held(vanilla, arm(0.7, 10, 2.9, 0)), "ynyyy");
  EXPECT_EQ(held(vanilla, arm(0.6, 10, 3.1, 0)), "yynyy");
  EXPECT_EQ(held(arm(0.6, 51, 1, -0.2), arm(0.7, 10, 3.1, 0)), "yyyny");
  EXPECT_EQ(held(vanilla, arm(0.7, 10, 3.1, 0.21)), "yyyyn");
  EXPECT_EQ(held(vanilla, vanilla), "nnnyy");  // what the control gives
  EXPECT_EQ(held(arm(nan, nan, nan, nan), arm(nan, nan, nan, nan)), "nnnnn");
}

}  // namespace
}  // namespace rushlight::test
