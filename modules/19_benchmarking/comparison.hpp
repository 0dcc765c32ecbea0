// comparison.hpp: is A faster than B? Three things take turns, A, B and A once more, and what A and A differ by is what
// a difference has to beat.
#pragma once

#include <string>

#include "19_benchmarking/bootstrap.hpp"
#include "19_benchmarking/stopwatch.hpp"

namespace rushlight::bench {

struct CompareOptions {
  std::int64_t rounds = 40;      // warm-up included
  double least = 1e-3;           // seconds: each turn makes as many calls as take at least so long
  double margin = 0.01;          // a difference of less is none
  BootstrapOptions bootstrap{};  // its seed is that of the order of turns, too
};

// Seconds of one call, a number a round each.
struct Rounds {
  std::vector<double> a = {}, b = {}, again = {};  // `again` is A, as if it were somebody else
};

enum class Verdict {
  no_difference_seen,
  a_is_faster,
  b_is_faster,
  not_to_be_trusted,  // A differs from A
};

struct Comparison {
  Interval ratio = {};        // of A to B: 0.9 if A takes nine tenths of B's time
  Interval a_to_itself = {};  // of A to A
  Verdict verdict = Verdict::no_difference_seen;
  std::int64_t warm_up = 0;  // rounds that were left out
  Rounds rounds = {};        // those that count
};

// --- 19.6 turns (interleave.cpp) -----------------------------------------------------------------------------------------

// In every round each of the three has one turn, in an order that `random` draws anew (permutation of module 01), so that
// neither a slow drift nor the place in the round favours one. A turn is calls_for(least) calls, counted once for a and
// once for b before the first round; a's again are as many as a's. Every round is kept.
// Throws ValueError when rounds < 1 or least is not above 0.
Rounds interleave(const Work& a, const Work& b, const CompareOptions& options, Generator& random,
                  Clock& clock = steady_clock());

// --- 19.6 the verdict (judge.cpp) ----------------------------------------------------------------------------------------

// ratio = bootstrap_ratio(a, b), a_to_itself = bootstrap_ratio(a, again).
//   a_to_itself lies wholly beyond 1 ± margin, on one side                    not_to_be_trusted
//   else ratio lies wholly below 1 - margin and does not overlap a_to_itself  a_is_faster
//   else ratio lies wholly above 1 + margin and does not overlap a_to_itself  b_is_faster
//   else                                                                      no_difference_seen
// An interval that ends at a limit does not lie beyond it. warm_up of the result is 0.
// Throws ValueError as bootstrap_ratio does, and unless 0 < margin < 1.
Comparison judge(const Rounds& rounds, double margin = 0.01, const BootstrapOptions& options = {});

// interleave with Generator(options.bootstrap.seed); then the rounds of warm-up are left out: as many as find_warm_up
// says for the slowest of the three to get warm. Then judge. Throws as they do.
Comparison compare(const Work& a, const Work& b, const CompareOptions& options = {}, Clock& clock = steady_clock());

// --- given (words.cpp) ---------------------------------------------------------------------------------------------------

const char* name_of(Verdict verdict);  // "no difference seen", "A is faster", ...
std::string in_words(const Comparison& comparison, const std::string& a = "A", const std::string& b = "B");

}  // namespace rushlight::bench
