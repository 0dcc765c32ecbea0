// judge.cpp: a difference is what A has from B and not from itself.
#include <algorithm>

#include "01_tensor/todo.hpp"
#include "19_benchmarking/checks.hpp"
#include "19_benchmarking/comparison.hpp"
#include "19_benchmarking/warm_up.hpp"

namespace rushlight::bench {

// 19.6 judge  rounds, margin, bootstrap -> ratio a/b, ratio a/again, and the verdict;  m = margin
//   a to itself wholly below 1 - m or wholly above 1 + m: not_to_be_trusted;  else, if ratio does not overlap it,
//   ratio wholly below 1 - m: a_is_faster;  wholly above 1 + m: b_is_faster;  in all other cases no_difference_seen
// ValueError as bootstrap_ratio, and unless 0 < margin < 1 (check_inside).
// Hint: "wholly below" speaks of high, "wholly above" of low. Interval::overlaps is given.
Comparison judge(const Rounds& rounds, double margin, const BootstrapOptions& options) {
  check_inside("judge", "margin", margin);
  Comparison result{.ratio = bootstrap_ratio(rounds.a, rounds.b, options),
                    .a_to_itself = bootstrap_ratio(rounds.a, rounds.again, options),
                    .rounds = rounds};
  const auto is_below = [&](const Interval& interval) { return interval.high < 1 - margin; };
  const auto is_above = [&](const Interval& interval) { return interval.low > 1 + margin; };
  if (is_below(result.a_to_itself) || is_above(result.a_to_itself)) {
    result.verdict = Verdict::not_to_be_trusted;
  } else if (!result.ratio.overlaps(result.a_to_itself)) {
    if (is_below(result.ratio)) result.verdict = Verdict::a_is_faster;
    if (is_above(result.ratio)) result.verdict = Verdict::b_is_faster;
  }
  return result;
}

// 19.6 compare  a, b, options -> interleave, without the rounds of warm-up, judged
//   rounds of warm-up: the largest find_warm_up(...).samples of the three;  Generator(options.bootstrap.seed)
// Hint: the same rounds go from all three, or pairs would be torn apart.
Comparison compare(const Work& a, const Work& b, const CompareOptions& options, Clock& clock) {
  Generator random(options.bootstrap.seed);
  Rounds rounds = interleave(a, b, options, random, clock);
  std::int64_t warm_up = 0;
  for (const auto* series : {&rounds.a, &rounds.b, &rounds.again}) {
    warm_up = std::max(warm_up, find_warm_up(*series).samples);
  }
  for (auto* series : {&rounds.a, &rounds.b, &rounds.again}) series->erase(series->begin(), series->begin() + warm_up);
  Comparison result = judge(rounds, options.margin, options.bootstrap);
  result.warm_up = warm_up;
  return result;
}

}  // namespace rushlight::bench
