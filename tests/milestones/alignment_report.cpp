// What the milestone of 2025 claims of its results, and its table.
#include <cmath>
#include <functional>

#include "2025_alignment/report.hpp"
#include "support/rush_test.hpp"

namespace rushlight::alignment {
namespace {

TEST(Milestones_20, IntervalsByHand) {
  const Interval interval = interval_of(std::vector<double>{1, 2, 6});  // s² = 7
  EXPECT_DOUBLE_EQ(interval.mean, 3);
  EXPECT_NEAR(interval.high - 3, 4.303 * std::sqrt(7.0 / 3), 1e-9);
  EXPECT_NEAR(3 - interval.low, interval.high - 3, 1e-9);
  EXPECT_THROWS_WITH(interval_of(std::vector<double>{1}), ValueError, "interval_of", "1 numbers");
}

Results good_results() {
  Results results;
  results.teacher_loss = 2;
  results.losses = {{{2.5, 2.6, 2.4}, {2.4, 2.5, 2.3}, {2.45, 2.59, 2.39}, {2.4, 2.61, 2.3}}};
  for (int seed = 0; seed < 3; ++seed) {
    results.preferences.push_back({.train_pairs = 100,
                                   .held_out_pairs = 50,
                                   .accuracy_before = 0.5,
                                   .accuracy_after = 0.9,
                                   .neutral_before = 2,
                                   .neutral_after = 2.04,
                                   .words_before = 4.5,
                                   .words_after = 3.5});
    results.rewards.push_back({.before = 0.3, .after = 0.7});
  }
  return results;
}

std::vector<bool> verdicts(const Results& results) {
  std::vector<bool> found;
  for (const Claim& claim : claims(results)) found.push_back(claim.holds());
  return found;
}

TEST(Milestones_20, EachClaimCanFailOnOneSeedAlone) {
  const std::vector<bool> all(5, true);
  EXPECT_EQ(verdicts(good_results()), all);
  const std::function<void(Results&)> spoilers[] = {
      [](Results& r) { r.of(Arm::jsd)[2] = 2.4; },  // no better than plain, and entropy-aware is worse on one
      [](Results& r) { r.preferences[1].accuracy_before = 0.44; },
      [](Results& r) { r.preferences[2].accuracy_after = 0.79; },
      [](Results& r) { r.preferences[0].neutral_after = 2.11; }, [](Results& r) { r.rewards[1].after = 0.59; }};
  for (std::size_t i = 0; i < 5; ++i) {
    Results results = good_results();
    spoilers[i](results);
    std::vector<bool> expected = all;
    expected[i] = false;
    EXPECT_EQ(verdicts(results), expected) << claims(results)[i].name;
  }
  Results results = good_results();
  results.rewards[1].after = NAN;
  EXPECT_FALSE(claims(results)[4].holds());
}

TEST(Milestones_20, APartThatWasLeftOutClaimsNothing) {
  Results results = good_results();
  for (const Arm arm : {Arm::jsd, Arm::taid, Arm::entropy}) results.of(arm).clear();
  results.rewards.clear();
  EXPECT_EQ(verdicts(results).size(), 3U);
  EXPECT_EQ(table_of(results).find("GRPO"), std::string::npos);
}

TEST(Milestones_20, TheTableHasEveryNumber) {
  const std::string table = table_of(good_results());
  EXPECT_NE(table.find("| | seed 1 | seed 2 | seed 3 | mean | 95 % |"), std::string::npos) << table;
  EXPECT_NE(table.find("| TAID | 2.4500 | 2.5900 | 2.3900 | 2.4767 | ± 0.2550 |"), std::string::npos) << table;
  EXPECT_NE(table.find("| after DPO | 0.9000 | 0.9000 | 0.9000 | 0.9000 | ± 0.0000 |"), std::string::npos) << table;
  EXPECT_NE(table.find("| after GRPO | 0.7000 |"), std::string::npos) << table;
}

}  // namespace
}  // namespace rushlight::alignment
