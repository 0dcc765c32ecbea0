// The stopwatch, on a clock that a test moves.
#include <utility>

#include "helpers.hpp"

namespace rushlight::test {
namespace {

using bench::calls_for;
using bench::measure;

TEST(Unit_19_1, CallsDoubleUntilTheyTakeLongEnough) {
  SimulatedClock clock;
  EXPECT_EQ(calls_for(taking(clock, 3e-6), 1e-4, clock), 64) << "32 calls take 96 us, 64 take 192";
  EXPECT_EQ(calls_for(taking(clock, 0.5), 1e-4, clock), 1);
  SimulatedClock exact;
  EXPECT_EQ(calls_for(taking(exact, 0.25), 1, exact), 4) << "exactly as long is long enough";
}

TEST(Unit_19_1, ASlowFirstCallDecidesNothing) {
  SimulatedClock clock;
  double next = 1;
  EXPECT_EQ(calls_for(taking(clock, [&] { return std::exchange(next, 1e-6); }), 1e-3, clock), 1024);
}

TEST(Unit_19_1, AnInterruptedTryDecidesNothing) {
  for (const int every : {3, 4, 5, 7}) {
    SimulatedClock clock;
    int call = 0;
    const auto seconds = [&] { return ++call < 8 && call % every == 0 ? 1.0 : 1e-6; };
    EXPECT_EQ(calls_for(taking(clock, seconds), 1e-3, clock), 1024) << "call " << every << " took a whole second";
  }
}

TEST(Unit_19_1, TheClockNeedNotBeginAtZero) {
  SimulatedClock clock;
  clock.advance(1000);
  EXPECT_EQ(calls_for(taking(clock, 0.25), 1, clock), 4);
  EXPECT_NEAR(measure(taking(clock, 0.25), {.samples = 1, .calls = 2}, clock).seconds.at(0), 0.25, 1e-9);
}

TEST(Unit_19_1, ASampleIsTheMeanOfItsCalls) {
  SimulatedClock clock;
  double call = 0;
  const bench::Samples found = measure(taking(clock, [&] { return ++call; }), {.samples = 3, .calls = 4}, clock);
  ASSERT_EQ(found.seconds.size(), 3u);
  EXPECT_EQ(found.calls, 4);
  EXPECT_NEAR(found.seconds[0], 2.5, 1e-12);
  EXPECT_NEAR(found.seconds[1], 6.5, 1e-12) << "calls 5 to 8";
  EXPECT_NEAR(found.seconds[2], 10.5, 1e-12);
}

TEST(Unit_19_1, NothingIsLeftOut) {
  SimulatedClock clock;
  int call = 0;
  const auto seconds = [&] { return ++call == 1 ? 50.0 : 1.0; };
  const bench::Samples found = measure(taking(clock, seconds), {.samples = 5, .calls = 1}, clock);
  EXPECT_EQ(found.seconds, (Doubles{50, 1, 1, 1, 1}));
  EXPECT_EQ(call, 5);
}

TEST(Unit_19_1, WithoutANumberOfCallsItFindsOne) {
  SimulatedClock clock;
  const bench::Samples found = measure(taking(clock, 3e-6), {.samples = 2, .least = 1e-4}, clock);
  EXPECT_EQ(found.calls, 64);
  EXPECT_EQ(found.seconds.size(), 2u);
  EXPECT_NEAR(found.seconds[1], 3e-6, 1e-12);
}

TEST(Unit_19_1, TheClockIsNotLookedAtBetweenCalls) {
  SimulatedClock clock(0, 1e-6);  // a look costs as much as a call
  const bench::Samples found = measure(taking(clock, 1e-6), {.samples = 3, .calls = 1000}, clock);
  for (const double seconds : found.seconds) EXPECT_NEAR(seconds, 1e-6, 3e-9);
}

TEST(Unit_19_1, ACoarseClockIsGoodEnoughForManyCalls) {
  SimulatedClock clock(1e-3);
  EXPECT_NEAR(measure(taking(clock, 7e-7), {.samples = 1, .least = 1}, clock).seconds.at(0), 7e-7, 7e-10);
}

TEST(Unit_19_1, WhatTheWorkThrowsPassesThrough) {
  SimulatedClock clock;
  const Work broken = [] { throw ValueError("on purpose"); };
  EXPECT_THROWS_WITH(measure(broken, {.samples = 2, .calls = 1}, clock), ValueError, "on purpose");
  EXPECT_THROWS_WITH(calls_for(broken, 1, clock), ValueError, "on purpose");
}

TEST(Unit_19_1, WhateverCallThrowsThereAreNoSamples) {
  for (int broken = 1; broken <= 6; ++broken) {
    SimulatedClock clock;
    int call = 0;
    const Work work = [&] {
      if (++call == broken) throw ValueError("on purpose");
      clock.advance(1);
    };
    EXPECT_THROWS_WITH(measure(work, {.samples = 3, .calls = 2}, clock), ValueError, "on purpose");
    EXPECT_EQ(call, broken);
    call = 0;
    EXPECT_THROWS_WITH(calls_for(work, 2, clock), ValueError, "on purpose");
    EXPECT_EQ(call, broken) << "one call is too short, two are enough, three times";
  }
}

TEST(Unit_19_1, TheMachinesOwnClockWorks) {
  std::int64_t calls = 0;
  const bench::Samples found = measure([&] { ++calls; }, {.samples = 4, .least = 1e-5});
  EXPECT_EQ(found.seconds.size(), 4u);
  EXPECT_GT(found.calls, 1);
  EXPECT_GE(calls, 4 * found.calls);
}

TEST(Unit_19_1, Errors) {
  SimulatedClock clock;
  const Work work = taking(clock, 1);
  EXPECT_THROWS_WITH(calls_for(work, 0, clock), ValueError, "least is 0");
  EXPECT_THROWS_WITH(calls_for(work, not_a_number, clock), ValueError, "least");
  EXPECT_THROWS_WITH(measure(work, {.samples = 0}, clock), ValueError, "samples is 0");
  EXPECT_THROWS_WITH(measure(work, {.calls = -1}, clock), ValueError, "calls is -1");
  EXPECT_THROWS_WITH(measure(work, {.least = -1}, clock), ValueError, "least is -1");
  EXPECT_THROWS_WITH(measure(work, {.calls = 1, .least = -1}, clock), ValueError, "least is -1");
  EXPECT_THROWS_WITH(measure(work, {.calls = 1, .least = not_a_number}, clock), ValueError, "least");
}

}  // namespace
}  // namespace rushlight::test
