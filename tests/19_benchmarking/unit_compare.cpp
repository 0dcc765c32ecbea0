// compare() from end to end, on simulated machines.
#include "helpers.hpp"

namespace rushlight::test {
namespace {

using bench::CompareOptions;
using bench::Comparison;
using bench::judge;
using bench::Verdict;

// A machine with noise of its own for each turn, and noise that a whole round shares.
struct Machine {
  double own = 0.02;         // deviation of the logarithm
  double shared = 0;         // likewise, anew every so many turns
  double spikes = 0;         // share of turns that somebody interrupts
  double first_is_slow = 0;  // of each three turns, the first takes so much longer, as a share
  double drift = 0;          // each turn takes so much longer than the one before, as a share of the first
};

struct Simulation {
  Simulation(const Machine& machine, std::uint64_t seed) : machine(machine), random(seed) {}

  Work work(double seconds) {
    return taking(clock, [this, seconds] {
      if (turn % 3 == 0) round = std::exp(machine.shared * random.normal());
      double factor = round * std::exp(machine.own * random.normal()) * (1 + machine.drift * turn);
      if (random.uniform() < machine.spikes) factor *= 1 + 2 * random.uniform();
      if (turn % 3 == 0) factor *= 1 + machine.first_is_slow;
      ++turn;
      return seconds * factor;
    });
  }

  Machine machine;
  Generator random;
  SimulatedClock clock;
  int turn = -6;  // calls_for makes three calls of each first
  double round = 1;
};

Comparison compared(const Machine& machine, double a, double b, std::int64_t rounds, std::uint64_t seed) {
  Simulation simulation(machine, seed);
  return bench::compare(simulation.work(a), simulation.work(b), one_call(rounds, seed), simulation.clock);
}

TEST(Unit_19_6, FalseAlarmsAreRare) {  // a and b are the same work, a thousand times
  const std::vector<std::pair<const char*, Machine>> machines{
      {"quiet", {.own = 0.002}},
      {"noisy", {.own = 0.2, .spikes = 0.1}},
      {"shared", {.own = 0.02, .shared = 0.1, .spikes = 0.05}},
      {"drifting", {.own = 0.02, .first_is_slow = 0.1, .drift = 0.01}}};
  for (const auto& [name, machine] : machines) {
    int alarms = 0, distrust = 0;
    for (std::uint64_t seed = 0; seed < 250; ++seed) {
      const Verdict verdict = compared(machine, 1, 1, 18, seed).verdict;
      alarms += verdict == Verdict::a_is_faster || verdict == Verdict::b_is_faster;
      distrust += verdict == Verdict::not_to_be_trusted;
    }
    EXPECT_LE(alarms, 12) << "of 250, where both were the same; the machine is " << name;
    EXPECT_LE(distrust, 30) << "of 250; the machine is " << name;
  }
}

TEST(Unit_19_6, ADifferenceOfAFewPercentIsSeen) {
  for (const Machine& machine : {Machine{.own = 0.02}, Machine{.own = 0.02, .shared = 0.1, .spikes = 0.05}}) {
    int faster = 0, slower = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
      faster += compared(machine, 1, 0.95, 45, seed).verdict == Verdict::b_is_faster;
      slower += compared(machine, 1, 1.05, 45, seed).verdict == Verdict::a_is_faster;
    }
    EXPECT_GE(faster, 90) << "of 100, where b takes 5 % less";
    EXPECT_GE(slower, 90) << "of 100, where b takes 5 % more";
  }
}

TEST(Unit_19_6, WarmUpIsLeftOut) {
  SimulatedClock clock;
  int a_turn = 0;
  const Work a = taking(clock, [&] { return ++a_turn <= 22 ? 3.0 : 1.0 + 0.001 * (a_turn % 5); });
  const Work b = taking(clock, 1);
  const Comparison found = bench::compare(a, b, one_call(30), clock);
  EXPECT_GE(found.warm_up, 7) << "a's first 22 turns, of which calls_for took a few and each round two";
  EXPECT_LE(found.warm_up, 11);
  EXPECT_EQ(found.rounds.a.size(), static_cast<std::size_t>(30 - found.warm_up));
  EXPECT_EQ(found.rounds.b.size(), found.rounds.a.size()) << "from all three the same rounds go";
  EXPECT_EQ(found.rounds.again.size(), found.rounds.a.size());
  for (const double seconds : found.rounds.a) EXPECT_LT(seconds, 1.1);
  EXPECT_EQ(found.verdict, Verdict::no_difference_seen);
  EXPECT_NEAR(found.ratio.estimate, 1, 0.01);
}

TEST(Unit_19_6, TheSlowestToGetWarmDecides) {
  SimulatedClock clock;
  int b_turn = 0;
  const Work a = taking(clock, 1), b = taking(clock, [&] { return ++b_turn <= 10 ? 3.0 : 2.0; });
  const Comparison found = bench::compare(a, b, one_call(30), clock);
  EXPECT_GE(found.warm_up, 4) << "b's first 10 turns, of which calls_for took a few";
  EXPECT_LE(found.warm_up, 10);
  EXPECT_EQ(found.rounds.b, Doubles(found.rounds.b.size(), 2.0));
  EXPECT_NEAR(found.ratio.high, 0.5, 1e-12);
  EXPECT_EQ(found.verdict, Verdict::a_is_faster);
}

TEST(Unit_19_6, AsSlowToGetWarmMayBeTheSecondA) {  // only its turns are slow at first; the seed says which those are
  const CompareOptions options = one_call(30, 4);
  Generator order(4);
  std::vector<bool> slow(3, false);  // calls_for makes three calls
  for (int round = 0; round < 30; ++round) {
    for (const std::int64_t who : permutation(3, order)) {
      if (who != 1) slow.push_back(who == 2 && round < 5);
    }
  }
  SimulatedClock clock;
  std::size_t call = 0;
  const Work a = taking(clock, [&] { return slow[call++] ? 3.0 : 1.0; }), b = taking(clock, 1);
  EXPECT_EQ(bench::compare(a, b, options, clock).warm_up, 5);
}

TEST(Unit_19_6, AComparisonTakesItsOptionsAlong) {
  for (const double margin : {0.01, 0.5}) {
    Simulation simulation({.own = 0.02}, 3);
    CompareOptions options = one_call(20, 3);
    options.bootstrap = {.resamples = 5, .level = 0.5, .seed = 3};
    options.margin = margin;
    const Comparison found = bench::compare(simulation.work(1), simulation.work(0.8), options, simulation.clock);
    const Comparison expected = judge(found.rounds, margin, options.bootstrap);
    EXPECT_EQ(found.ratio.low, expected.ratio.low);
    EXPECT_EQ(found.ratio.high, expected.ratio.high);
    EXPECT_EQ(found.verdict, margin < 0.1 ? Verdict::b_is_faster : Verdict::no_difference_seen);
  }
}

TEST(Unit_19_6, AComparisonCanBeRepeated) {
  const Machine machine{.own = 0.1};
  const Comparison first = compared(machine, 1, 0.97, 20, 5), again = compared(machine, 1, 0.97, 20, 5);
  EXPECT_EQ(first.rounds.a, again.rounds.a) << "the order of turns comes from the seed";
  EXPECT_EQ(first.ratio.low, again.ratio.low);
}

}  // namespace
}  // namespace rushlight::test
