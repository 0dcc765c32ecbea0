// Preferences: golden values, the stability table, rewards and accuracy, SimPO, errors.
#include "helpers.hpp"

namespace rushlight::test {
namespace {

// --- 20.6 ----------------------------------------------------------------------------------------------------------

TEST(Unit_20_6, CL15_GoldenLossesAndRewards) {
  const json all = golden_20("dpo");
  ASSERT_EQ(all.at("cases").size(), 2u);
  for (const json& one : all.at("cases")) {
    SCOPED_TRACE(one.at("name").get<std::string>());
    const PreferenceLoss found =
        dpo_loss(array_of(one.at("policy_chosen_logp")), array_of(one.at("policy_rejected_logp")),
                 array_of(all.at("ref_chosen_logp")), array_of(all.at("ref_rejected_logp")), one.at("beta"));
    EXPECT_TRUE(near(found.loss.value(), Shape{}, {one.at("loss").get<double>()}));
    EXPECT_TRUE(near_golden(found.chosen_rewards, one.at("chosen_reward"), {5e-6, 1e-6}));
    EXPECT_TRUE(near_golden(found.rejected_rewards, one.at("rejected_reward"), {5e-6, 1e-6}));
    EXPECT_TRUE(near_golden(found.margins, one.at("logits"), {5e-6, 1e-6}));
    EXPECT_EQ(found.accuracy, one.at("accuracy").get<double>());
  }
}

TEST(Unit_20_6, CL15_PolicyEqualToReferenceGivesLnTwo) {
  const double expected = golden_20("dpo").at("policy_equals_ref_loss");
  const Array chosen = randn({4}, 1) * Real(30), rejected = randn({4}, 2) * Real(30);
  const PreferenceLoss found = dpo_loss(chosen, rejected, chosen, rejected);
  EXPECT_TRUE(near(found.loss.value(), Shape{}, {expected})) << "whatever the texts are";
  EXPECT_TRUE(near(found.margins, Shape{4}, Doubles(4, 0), exactly));
  EXPECT_EQ(found.accuracy, 0) << "no text wins against its equal";
}

TEST(Unit_20_6, CL15_StabilityTable) {
  const json all = golden_20("dpo");
  ASSERT_EQ(all.at("stability_scalar").size(), 6u);
  for (const json& row : all.at("stability_scalar")) {
    const double margin = row.at("margin"), beta = row.at("beta");
    const auto [value, gradient] =
        at([&](const Tensor& x) { return dpo_loss(x, Tensor(zeros({1})), zeros({1}), zeros({1}), beta).loss; },
           Array({1}, {static_cast<Real>(margin)}));
    const double loss = row.at("loss"), slope = row.at("dloss_dmargin");
    EXPECT_NEAR(value, loss, 2e-6 * loss + 1e-7) << margin;
    EXPECT_NEAR(gradient.data()[0], slope, 2e-5 * std::abs(slope) + 1e-9) << margin;
  }
}

TEST(Unit_20_6, CL15_AccuracyCountsPairs) {
  const Array chosen({4}, {1, 2, 3, 4}), rejected({4}, {0, 2, 5, 1});
  const PreferenceLoss found = preference_loss(Tensor(zeros({4})), chosen, rejected);
  EXPECT_EQ(found.accuracy, 0.5) << "two of four; equal rewards do not count";
  EXPECT_TRUE(near(found.margins, Shape{4}, {1, 0, -2, 3}, exactly));
  EXPECT_TRUE(near(found.chosen_rewards, chosen, exactly));
  EXPECT_TRUE(near(found.rejected_rewards, rejected, exactly));
  EXPECT_TRUE(near(found.loss.value(), Shape{}, {std::log(2.0)}));
}

TEST(Unit_20_6, CL15_ErrorsNameTheArgument) {
  const Array two = zeros({2}), three = zeros({3});
  EXPECT_THROWS_WITH(dpo_loss(two, three, two, two), ShapeError, "policy_rejected", "(3,)", "(2,)");
  EXPECT_THROWS_WITH(dpo_loss(two, two, three, two), ShapeError, "reference_chosen");
  EXPECT_THROWS_WITH(dpo_loss(two, two, two, three), ShapeError, "reference_rejected");
  EXPECT_THROWS_WITH(dpo_loss(two, two, two, two, 0), ValueError, "beta", "0");
  for (const double none : {not_a_number, infinity, -0.1}) {
    EXPECT_THROWS_WITH(dpo_loss(two, two, two, two, none), ValueError, "beta");
  }
  EXPECT_THROWS_WITH(preference_loss(Tensor(zeros({2, 1})), two, two), ShapeError, "(2, 1)");
  EXPECT_THROWS_WITH(preference_loss(Tensor(two), three, two), ShapeError, "chosen_rewards");
  EXPECT_THROWS_WITH(preference_loss(Tensor(two), two, three), ShapeError, "rejected_rewards");
}

// --- 20.7 ----------------------------------------------------------------------------------------------------------

TEST(Unit_20_7, SimpoIsItsFormula) {
  const Array chosen({2}, {-6, -4}), rejected({2}, {-3, -10}), long_ones({2}, {3, 2}), short_ones({2}, {1, 4});
  const PreferenceLoss found = simpo_loss(chosen, rejected, long_ones, short_ones, {.beta = 2, .gamma = 0.5});
  EXPECT_TRUE(near(found.chosen_rewards, Shape{2}, {-4, -4}));
  EXPECT_TRUE(near(found.rejected_rewards, Shape{2}, {-6, -5}));
  EXPECT_TRUE(near(found.margins, Shape{2}, {2, 1})) << "gamma is no part of a reward";
  EXPECT_TRUE(near(found.loss.value(), Shape{}, {(softplus_of_minus(1.5) + softplus_of_minus(0.5)) / 2}));
  EXPECT_EQ(found.accuracy, 1);
}

TEST(Unit_20_7, SimpoPrefersNoLength) {  // twice the text at the same mean: the same loss
  const auto loss = [](Real times) {
    const Array chosen({1}, {Real(-2) * times}), rejected({1}, {-5});
    return simpo_loss(chosen, rejected, Array({1}, {2 * times}), Array({1}, {4})).loss.item();
  };
  EXPECT_NEAR(loss(1), loss(2), 1e-6);
  EXPECT_NEAR(loss(1), softplus_of_minus(2 * (-1 + 1.25) - 1), 1e-6) << "beta 2 and gamma 1 unless told otherwise";
}

TEST(Unit_20_7, SimpoOfAnEmptyText) {
  const PreferenceLoss found = simpo_loss(zeros({1}), Array({1}, {-3}), zeros({1}), Array({1}, {3}));
  EXPECT_TRUE(near(found.chosen_rewards, Shape{1}, {0}, exactly)) << "a length of 0 counts as 1";
  EXPECT_TRUE(std::isfinite(found.loss.item()));
  const PreferenceLoss other = simpo_loss(Array({1}, {-3}), zeros({1}), Array({1}, {3}), zeros({1}));
  EXPECT_TRUE(near(other.rejected_rewards, Shape{1}, {0}, exactly)) << "of either text";
  EXPECT_TRUE(near(other.margins, Shape{1}, {-2}));
  EXPECT_TRUE(std::isfinite(other.loss.item()));
}

TEST(Unit_20_7, SimpoErrors) {
  const Array two = ones({2}), three = ones({3});
  EXPECT_THROWS_WITH(simpo_loss(two, three, two, two), ShapeError, "policy_rejected");
  EXPECT_THROWS_WITH(simpo_loss(two, two, three, two), ShapeError, "chosen_lengths");
  EXPECT_THROWS_WITH(simpo_loss(two, two, two, three), ShapeError, "rejected_lengths");
  for (const double none : {0.0, not_a_number, infinity, -2.0}) {
    EXPECT_THROWS_WITH(simpo_loss(two, two, two, two, {.beta = none}), ValueError, "beta");
  }
  EXPECT_THROWS_WITH(simpo_loss(two, two, two, two, {.gamma = not_a_number}), ValueError, "gamma");
  EXPECT_THROWS_WITH(simpo_loss(two, two, two, two, {.gamma = -1}), ValueError, "gamma", "-1");
}

}  // namespace
}  // namespace rushlight::test
