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
  todo("19.6");
}

// 19.6 compare  a, b, options -> interleave, without the rounds of warm-up, judged
//   rounds of warm-up: the largest find_warm_up(...).samples of the three;  Generator(options.bootstrap.seed)
// Hint: the same rounds go from all three, or pairs would be torn apart.
Comparison compare(const Work& a, const Work& b, const CompareOptions& options, Clock& clock) {
  todo("19.6");
}

}  // namespace rushlight::bench
