// interleave.cpp: everybody has his turn in every round, in an order that nobody can know.
#include "01_tensor/todo.hpp"
#include "19_benchmarking/checks.hpp"
#include "19_benchmarking/comparison.hpp"

namespace rushlight::bench {

// 19.6 interleave  a, b, {rounds, least}, random -> seconds of one call of a, b and a again, a number a round each
// ValueError when rounds < 1 or least is not above 0 (check_at_least, check_above_zero).
// Hint: calls_for(a) and calls_for(b) once; in each round permutation(3, random) says who comes when, and measure() with
// one sample times a turn.
Rounds interleave(const Work& a, const Work& b, const CompareOptions& options, Generator& random, Clock& clock) {
  check_at_least("interleave", "rounds", options.rounds, 1);
  check_above_zero("interleave", "least", options.least);
  // solution 19.6
  const std::int64_t a_calls = calls_for(a, options.least, clock), b_calls = calls_for(b, options.least, clock);
  Rounds rounds;
  const auto turn = [&](const Work& work, std::int64_t calls) {
    return measure(work, {.samples = 1, .calls = calls}, clock).seconds[0];
  };
  for (std::int64_t i = 0; i < options.rounds; ++i) {
    for (const std::int64_t who : permutation(3, random)) {
      if (who == 0) rounds.a.push_back(turn(a, a_calls));
      if (who == 1) rounds.b.push_back(turn(b, b_calls));
      if (who == 2) rounds.again.push_back(turn(a, a_calls));
    }
  }
  return rounds;
  // end solution
}

}  // namespace rushlight::bench
