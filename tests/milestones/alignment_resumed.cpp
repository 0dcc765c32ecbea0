// The milestone of 2025 in two sittings: what was learnt goes on bit for bit, what was measured comes back as it was.
#include "2025_alignment/kept.hpp"
#include "alignment.hpp"

namespace rushlight::alignment {
namespace {

TEST(Milestones_20, WhatAnAlignedModelCameToComesBackToTheLastBit) {
  const PreferenceReport report{.train_pairs = 101,
                                .held_out_pairs = 57,
                                .unmatched_before = 1.0 / 3,
                                .accuracy_before = 0.1,
                                .accuracy_after = 0.7,
                                .neutral_before = 2.3,
                                .neutral_after = 2.7,
                                .words_before = 4.9,
                                .words_after = 1e-300};
  const PreferenceReport back = preference_at(kept(report));
  EXPECT_EQ(back.train_pairs, 101);
  EXPECT_EQ(back.held_out_pairs, 57);
  EXPECT_EQ(back.unmatched_before, report.unmatched_before);
  EXPECT_EQ(back.accuracy_before, report.accuracy_before);
  EXPECT_EQ(back.accuracy_after, report.accuracy_after);
  EXPECT_EQ(back.neutral_before, report.neutral_before);
  EXPECT_EQ(back.neutral_after, report.neutral_after);
  EXPECT_EQ(back.words_before, report.words_before);
  EXPECT_EQ(back.words_after, report.words_after);

  const RewardReport reward = reward_at(kept(RewardReport{.before = 0.3, .after = 0.7}));
  EXPECT_EQ(reward.before, 0.3);
  EXPECT_EQ(reward.after, 0.7);
  EXPECT_THROWS_WITH(reward_at({{"before", "0.5"}}), FileError, "after");
}

// Dealt anew, so that the dealer's random numbers go on, too.
TEST(Milestones_20, APolicyGoesOnBitForBit) {
  const RewardOptions options{.steps = 12, .seed = 4, .shuffled = true};
  std::vector<double> seen[2];
  SafeTensors state;
  const RewardReport whole =
      learn_sums(options, {.on_step = [&](std::int64_t, double reward) { seen[0].push_back(reward); },
                           .on_state =
                               [&](const SafeTensors& now, std::int64_t step) {
                                 EXPECT_EQ(step, 10);
                                 state = now;
                               }});
  const RewardReport rest =
      learn_sums(options, {.on_step = [&](std::int64_t, double reward) { seen[1].push_back(reward); }}, state);
  EXPECT_EQ(rest.before, whole.before);
  EXPECT_EQ(rest.after, whole.after);
  EXPECT_EQ(seen[1], std::vector<double>(seen[0].begin() + 10, seen[0].end()));
}

}  // namespace
}  // namespace rushlight::alignment
