// A against B, with A against A beside it, on simulated machines.
#include "helpers.hpp"

namespace rushlight::test {
namespace {

using bench::CompareOptions;
using bench::Comparison;
using bench::judge;
using bench::Rounds;
using bench::Verdict;

// --- turns -----------------------------------------------------------------------------------------------------------

TEST(Unit_19_6, EveryRoundHasOneTurnOfEach) {
  SimulatedClock clock;
  std::string log;
  const Work a = [&] { log += 'a', clock.advance(1); }, b = [&] { log += 'b', clock.advance(2); };
  Generator random(1);
  const Rounds rounds = bench::interleave(a, b, one_call(50), random, clock);
  EXPECT_EQ(rounds.a, Doubles(50, 1.0));
  EXPECT_EQ(rounds.b, Doubles(50, 2.0));
  EXPECT_EQ(rounds.again, Doubles(50, 1.0));
  ASSERT_GE(log.size(), 150u);
  log = log.substr(log.size() - 150);
  std::array<int, 3> places{};
  for (std::size_t i = 0; i < 150; i += 3) {
    const std::string round = log.substr(i, 3);
    EXPECT_EQ(std::count(round.begin(), round.end(), 'b'), 1) << "round " << i / 3 << ": " << round;
    if (const std::size_t place = round.find('b'); place < 3) ++places[place];
  }
  for (const int times : places) EXPECT_GE(times, 7) << "b comes first, second and third";
}

TEST(Unit_19_6, NoPlaceInARoundIsAnybodys) {  // the first turn of each round takes 2 seconds, the others 1
  SimulatedClock clock;
  int turn = -6;
  const Work work = taking(clock, [&] { return turn++ % 3 == 0 ? 2.0 : 1.0; });
  Generator random(3);
  const Rounds rounds = bench::interleave(work, work, one_call(600), random, clock);
  for (const Doubles* series : {&rounds.a, &rounds.b, &rounds.again}) {
    EXPECT_NEAR(static_cast<double>(std::count(series->begin(), series->end(), 2.0)), 200, 50) << "slow turns of 600";
  }
}

TEST(Unit_19_6, ShortWorkIsCalledOften) {
  SimulatedClock clock;
  std::int64_t a_calls = 0, b_calls = 0;
  const Work a = [&] { ++a_calls, clock.advance(1e-5); }, b = [&] { ++b_calls, clock.advance(3e-4); };
  Generator random(1);
  const Rounds rounds = bench::interleave(a, b, {.rounds = 10, .least = 1e-3}, random, clock);
  EXPECT_GE(a_calls, 2 * 10 * 128) << "128 calls take 1.28 ms, 64 too little";
  EXPECT_GE(b_calls, 10 * 4);
  EXPECT_LE(b_calls, 10 * 4 + 32);
  for (std::size_t i = 0; i < 10; ++i) {
    EXPECT_NEAR(rounds.a[i], 1e-5, 1e-12);
    EXPECT_NEAR(rounds.again[i], 1e-5, 1e-12);
    EXPECT_NEAR(rounds.b[i], 3e-4, 1e-12);
  }
}

TEST(Unit_19_6, TheCallersGeneratorMovesOn) {
  SimulatedClock clock;
  const Work work = taking(clock, 1);
  Generator random(5), same(5);
  bench::interleave(work, work, one_call(7), random, clock);
  for (int round = 0; round < 7; ++round) permutation(3, same);
  EXPECT_EQ(random.uniform(), same.uniform()) << "or each comparison has the same order of turns";
}

TEST(Unit_19_6, OneRoundIsARound) {
  SimulatedClock clock;
  Generator random(1);
  EXPECT_EQ(bench::interleave(taking(clock, 1), taking(clock, 2), one_call(1), random, clock).b, Doubles{2});
}

TEST(Unit_19_6, EveryRoundIsKept) {
  SimulatedClock clock;
  int call = 0;
  const Work work = taking(clock, [&] { return ++call < 20 ? 5.0 : 1.0; });
  Generator random(1);
  const Rounds rounds = bench::interleave(work, work, one_call(12), random, clock);
  EXPECT_EQ(rounds.a.size(), 12u);
  EXPECT_EQ(rounds.b.size(), 12u);
  EXPECT_EQ(rounds.again.size(), 12u);
  EXPECT_EQ(rounds.a[0], 5) << "warm-up is cut by compare";
}

// --- the verdict -----------------------------------------------------------------------------------------------------

Doubles scaled(Doubles values, double factor) {
  for (double& value : values) value *= factor;
  return values;
}

TEST(Unit_19_6, VerdictsOnPlainNumbers) {
  const Doubles a(20, 1.0);
  EXPECT_EQ(judge({a, Doubles(20, 0.9), a}).verdict, Verdict::b_is_faster);
  EXPECT_EQ(judge({a, Doubles(20, 1.1), a}).verdict, Verdict::a_is_faster);
  EXPECT_EQ(judge({a, a, a}).verdict, Verdict::no_difference_seen);
  EXPECT_EQ(judge({a, Doubles(20, 0.995), a}).verdict, Verdict::no_difference_seen) << "half of the margin";
  EXPECT_EQ(judge({a, Doubles(20, 0.995), a}, 0.001).verdict, Verdict::b_is_faster) << "with a smaller margin";
  EXPECT_EQ(judge({a, Doubles(20, 0.9), a}, 0.2).verdict, Verdict::no_difference_seen) << "with a larger one";
}

TEST(Unit_19_6, WhoEndsAtALimitIsNotBeyondIt) {
  const Doubles a(20, 1.0), half(20, 0.5), twice(20, 2.0);
  EXPECT_EQ(judge({half, a, half}, 0.5).verdict, Verdict::no_difference_seen) << "0.5 is not below 1 - 0.5";
  EXPECT_EQ(judge({half, a, half}, 0.49).verdict, Verdict::a_is_faster);
  EXPECT_EQ(judge({Doubles(20, 1.5), a, Doubles(20, 1.5)}, 0.5).verdict, Verdict::no_difference_seen);
  EXPECT_EQ(judge({Doubles(20, 1.5), a, Doubles(20, 1.5)}, 0.49).verdict, Verdict::b_is_faster);
  EXPECT_EQ(judge({a, a, twice}, 0.5).verdict, Verdict::no_difference_seen) << "nor is that of a to itself";
  EXPECT_EQ(judge({Doubles(20, 1.5), a, a}, 0.5).verdict, Verdict::no_difference_seen);
}

TEST(Unit_19_6, WhoDiffersFromItselfProvesNothing) {
  const Doubles a(20, 1.0), b(20, 0.5);
  EXPECT_EQ(judge({a, b, Doubles(20, 1.1)}).verdict, Verdict::not_to_be_trusted);
  EXPECT_EQ(judge({a, b, Doubles(20, 0.9)}).verdict, Verdict::not_to_be_trusted);
  EXPECT_EQ(judge({a, a, Doubles(20, 0.9)}).verdict, Verdict::not_to_be_trusted) << "whatever b does";
  EXPECT_EQ(judge({a, b, Doubles(20, 0.995)}).verdict, Verdict::b_is_faster) << "a little is allowed";
}

TEST(Unit_19_6, ADifferenceMustBeApartFromWhatAHasFromItself) {
  Doubles a(20, 1.0), b(20, 0.95), again;
  for (int i = 0; i < 20; ++i) again.push_back(i % 2 ? 0.9 : 1.1);
  const Comparison found = judge({a, b, again});
  EXPECT_GT(found.ratio.low, 1.05) << "b alone looks faster";
  EXPECT_GT(found.a_to_itself.high, found.ratio.high) << "but a seems to be faster than itself, too";
  EXPECT_EQ(found.verdict, Verdict::no_difference_seen);
}

TEST(Unit_19_6, TheIntervalsAreBootstraps) {
  const Rounds rounds{noisy(25, 1), scaled(noisy(25, 2), 0.8), noisy(25, 3)};
  const Comparison found = judge(rounds, 0.01, {.resamples = 100, .seed = 5});
  const Interval ratio = bench::bootstrap_ratio(rounds.a, rounds.b, {.resamples = 100, .seed = 5});
  const Interval itself = bench::bootstrap_ratio(rounds.a, rounds.again, {.resamples = 100, .seed = 5});
  EXPECT_EQ(found.ratio.low, ratio.low);
  EXPECT_EQ(found.ratio.estimate, ratio.estimate);
  EXPECT_EQ(found.ratio.high, ratio.high);
  EXPECT_EQ(found.a_to_itself.low, itself.low);
  EXPECT_EQ(found.a_to_itself.high, itself.high);
  EXPECT_EQ(found.rounds.b, rounds.b);
  EXPECT_EQ(found.warm_up, 0);
}

TEST(Unit_19_6, Errors) {
  SimulatedClock clock;
  const Work work = taking(clock, 1);
  Generator random(1);
  EXPECT_THROWS_WITH(bench::interleave(work, work, {.rounds = 0}, random, clock), ValueError, "interleave",
                     "rounds is 0");
  EXPECT_THROWS_WITH(bench::interleave(work, work, {.least = 0}, random, clock), ValueError, "least is 0");
  const Doubles some(10, 1.0);
  for (const double none : {0.0, 1.0, -0.01, not_a_number}) {
    EXPECT_THROWS_WITH(judge({some, some, some}, none), ValueError, "margin");
    EXPECT_THROWS_WITH(bench::compare(work, work, {.margin = none}, clock), ValueError, "margin");
  }
  EXPECT_THROWS_WITH(bench::interleave(work, work, {.least = not_a_number}, random, clock), ValueError, "least");
  EXPECT_THROWS_WITH(judge({some, Doubles(9, 1.0), some}), ValueError, "10", "9");
  EXPECT_THROWS_WITH(judge({some, some, Doubles(9, 1.0)}), ValueError, "10", "9");
}

}  // namespace
}  // namespace rushlight::test
