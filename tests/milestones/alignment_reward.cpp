// Part three of the milestone of 2025: wrong sums, rewards, and a control that differs in nothing else.
#include <set>

#include "2025_alignment/reward.hpp"
#include "20_alignment/grpo.hpp"
#include "support/rush_test.hpp"

namespace rushlight::alignment {
namespace {

TEST(Milestones_20, WrongSumsAreAnswersToOtherQuestions) {
  Generator random(5);
  const Indices texts = wrong_sums(2000, random);
  ASSERT_EQ(texts.shape(), (Shape{2000, 6}));
  int right = 0, first[20] = {};
  for (std::size_t i = 0; i < 2000; ++i) {
    const auto text = texts.data().subspan(6 * i, 6);
    EXPECT_EQ(text[1], sums::plus);
    EXPECT_EQ(text[3], sums::equals);
    const std::int32_t answer = 10 * text[4] + text[5];
    ASSERT_TRUE(answer >= 0 && answer <= 18) << answer;
    ++first[answer];
    right += answer == text[0] + text[2];
  }
  EXPECT_LT(right, 240) << "by chance 134 of 2000";
  EXPECT_GT(first[9], 150) << "9 is the commonest sum: 200 of 2000";
}

TEST(Milestones_20, RewardsDealtAnewAreTheSameRewards) {
  Array rewards({64});
  for (std::size_t i = 0; i < 64; ++i) rewards.mutable_data()[i] = static_cast<Real>(i);
  Generator random(3);
  const Array dealt = dealt_anew(rewards, random);
  std::set<Real> seen(dealt.data().begin(), dealt.data().end());
  EXPECT_EQ(seen.size(), 64U);
  int kept = 0;
  for (std::size_t i = 0; i < 64; ++i) kept += dealt.data()[i] == rewards.data()[i];
  EXPECT_LT(kept, 10);
}

// A policy that always writes 0 and then 9: the first digit is right in 55 of 100 questions, the second in 10.
TEST(Milestones_20, TheMeanRewardIsOverAllQuestions) {
  Generator random(1);
  GPT policy({.vocabulary = sums::vocabulary,
              .context = 6,
              .width = 4,
              .layers = 1,
              .heads = 1,
              .tied = false,
              .head_bias = true},
             random);
  for (Tensor& p : policy.parameters()) p.set_value(zeros(p.shape()));
  for (const auto& [name, p] : policy.named_parameters()) {
    Tensor parameter = p;
    if (name == "pos_embed.weight")
      parameter.mutable_value().mutable_data()[4 * 4] = 1;  // place 4, where 9 is to follow
    if (name == "ln_final.weight") parameter.set_value(ones(parameter.shape()));
    if (name == "unembed.weight") {
      parameter.mutable_value().mutable_data()[0] = -100;     // 0 unless it is place 4
      parameter.mutable_value().mutable_data()[9 * 4] = 100;  // 9 there
    }
    if (name == "unembed.bias") parameter.mutable_value().mutable_data()[0] = 50;
  }
  EXPECT_NEAR(mean_reward(policy, random), (0.55 + 0.10) / 2, 1e-6);
}

TEST(Milestones_20, TheControlOfTheRewardDiffersInNothingElse) {
  std::vector<double> seen[2];
  RewardReport reports[2];
  for (const bool shuffled : {false, true}) {
    reports[shuffled] = learn_sums({.steps = 2, .seed = 4, .shuffled = shuffled},
                                   {.on_step = [&](std::int64_t, double reward) { seen[shuffled].push_back(reward); }});
  }
  EXPECT_EQ(reports[0].before, reports[1].before);
  ASSERT_EQ(seen[0].size(), 2U);
  EXPECT_EQ(seen[0][0], seen[1][0]) << "what is drawn first, and what it is worth";
  EXPECT_GT(reports[0].before, 0.2) << "digits, though not the right ones";
  EXPECT_LT(reports[0].before, 0.4);
}

}  // namespace
}  // namespace rushlight::alignment
