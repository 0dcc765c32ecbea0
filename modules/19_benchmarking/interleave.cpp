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
  todo("19.6");
}

}  // namespace rushlight::bench
