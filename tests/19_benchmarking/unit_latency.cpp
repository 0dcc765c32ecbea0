// Latency under a load that does not wait, on a simulated clock: a hundred seconds take a millisecond.
#include "helpers.hpp"

namespace rushlight::test {
namespace {

using bench::closed_loop;
using bench::Latencies;
using bench::open_loop;

void expect_near(const Doubles& found, const Doubles& expected, const char* what) {
  ASSERT_EQ(found.size(), expected.size()) << what;
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-9) << what << ' ' << i;
}

TEST(Unit_19_7, SteadyArrivals) {
  expect_near(bench::steady_arrivals(4, 8), {0, 0.125, 0.25, 0.375}, "arrival");
  EXPECT_EQ(bench::steady_arrivals(100001, 10).back(), 10000) << "no rounding adds up";
}

TEST(Unit_19_7, PoissonArrivals) {
  Generator random(1), same(1);
  const Doubles found = bench::poisson_arrivals(3, 5, random);
  double moment = 0;
  for (const double each : found) {
    moment += -std::log(1 - same.uniform()) / 5;
    EXPECT_NEAR(each, moment, 1e-12);
  }
  Generator after = random;
  EXPECT_EQ(after.uniform(), same.uniform()) << "the caller's generator moves on";
  const Doubles many = bench::poisson_arrivals(20000, 5, random);
  EXPECT_NEAR(many.back(), 4000, 120) << "20,000 requests at 5 a second";
  int close = 0;
  for (std::size_t i = 1; i < many.size(); ++i) close += many[i] - many[i - 1] < 0.02;
  EXPECT_NEAR(close / 20000.0, 1 - std::exp(-0.1), 0.01) << "many come close behind another";
}

TEST(Unit_19_7, WhoComesWhileTheServerIsBusyWaits) {
  SimulatedClock clock;
  clock.advance(1000);
  const Latencies found = open_loop(taking(clock, 3), {0, 1, 2, 20}, clock);
  expect_near(found.waited, {3, 5, 7, 3}, "waited");  // answers at 3, 6, 9 and 23
  expect_near(found.worked, {3, 3, 3, 3}, "worked");
  EXPECT_NEAR(found.seconds, 23, 1e-9);
}

TEST(Unit_19_7, TheServerWaitsForRequests) {
  SimulatedClock clock;
  Doubles began;
  const Work serve = [&] { began.push_back(clock.time()), clock.advance(0.5); };
  const Latencies found = open_loop(serve, {1, 1.25, 4}, clock);
  expect_near(began, {1, 1.5, 4}, "began");
  expect_near(found.waited, {0.5, 0.75, 0.5}, "waited");
}

// A system that wakes a sleeper a quarter of a second late.
class LateClock : public SimulatedClock {
 public:
  void wait_until(double moment) override {
    if (moment > time()) SimulatedClock::wait_until(moment + 0.25);
  }
};

TEST(Unit_19_7, WhoIsWokenLateHasNotWorkedMeanwhile) {
  LateClock clock;
  clock.advance(100);
  const Latencies found = open_loop(taking(clock, 0.5), {1, 1.5, 4}, clock);
  expect_near(found.waited, {0.75, 0.75, 0.75}, "waited");  // answers at 1.75, 2.25 and 4.75
  expect_near(found.worked, {0.5, 0.5, 0.5}, "worked");
  EXPECT_NEAR(found.seconds, 4.75, 1e-9);
}

TEST(Unit_19_7, AServerThatIsTooSlowFallsBehindWithoutEnd) {
  SimulatedClock clock;
  const Latencies found = open_loop(taking(clock, 0.02), bench::steady_arrivals(1000, 100), clock);
  EXPECT_NEAR(found.waited.front(), 0.02, 1e-9);
  EXPECT_NEAR(found.waited.back(), 0.02 + 999 * 0.01, 1e-9) << "each request finds the queue 10 ms longer";
  EXPECT_NEAR(bench::median(found.worked), 0.02, 1e-9);
}

// A server that needs 1 ms, and once, at request 5000, a whole second.
Work stalls_once(SimulatedClock& clock, int& request) {
  return taking(clock, [&request] { return request++ == 5000 ? 1.0 : 0.001; });
}

TEST(Unit_19_7, AClosedLoopHidesAStall) {
  SimulatedClock clock;
  int request = 0;
  const Latencies closed = closed_loop(stalls_once(clock, request), 10000, clock);
  EXPECT_EQ(closed.waited, closed.worked);
  EXPECT_NEAR(bench::nearest_rank(closed.waited, 0.999), 0.001, 1e-9) << "one request of 10,000 noticed";
  EXPECT_NEAR(closed.seconds, 9999 * 0.001 + 1, 1e-6);
  request = 0;
  const Latencies open = open_loop(stalls_once(clock, request), bench::steady_arrivals(10000, 100), clock);
  EXPECT_NEAR(bench::nearest_rank(open.worked, 0.999), 0.001, 1e-9) << "the work itself looks as before";
  // Of those who came behind the stall, number k waited 1 - 0.009·k seconds: 112 of them more than 1 ms.
  EXPECT_NEAR(bench::nearest_rank(open.waited, 0.99), 1 - 0.009 * 100, 1e-6);
  EXPECT_NEAR(bench::nearest_rank(open.waited, 0.999), 1 - 0.009 * 10, 1e-6) << "a thousand times as long";
}

TEST(Unit_19_7, ClosedLoop) {
  SimulatedClock clock;
  clock.advance(50);
  double next = 0;
  const Latencies found = closed_loop(taking(clock, [&] { return ++next; }), 3, clock);
  expect_near(found.worked, {1, 2, 3}, "worked");
  expect_near(found.waited, {1, 2, 3}, "waited");
  EXPECT_NEAR(found.seconds, 6, 1e-9);
}

TEST(Unit_19_7, PercentilesSayHowWellTheyAreKnown) {
  Doubles values;
  for (int i = 400; i >= 1; --i) values.push_back(i);
  const auto found = bench::percentiles(values, {0.5, 0.99, 0.999});
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].q, 0.5);
  EXPECT_EQ(found[0].value, 200);
  EXPECT_EQ(found[1].value, 396) << "396 of 400 do not exceed it";
  EXPECT_EQ(found[2].value, 400);
  ASSERT_TRUE(found[0].between && found[1].between);
  EXPECT_EQ(found[0].between->low, 180);
  EXPECT_EQ(found[0].between->estimate, 200);
  EXPECT_EQ(found[0].between->high, 221);
  EXPECT_EQ(found[1].between->low, bench::interval_ranks(400, 0.99).low);
  EXPECT_EQ(found[1].between->high, 400);
  EXPECT_FALSE(found[2].between) << "400 samples know nothing about one in a thousand";
  EXPECT_EQ(found[1].samples_needed, 368);
  EXPECT_EQ(found[2].samples_needed, 3688);
}

TEST(Unit_19_7, PercentilesComeInTheOrderInWhichTheyWereAskedFor) {
  Doubles values;
  for (int i = 0; i < 101; ++i) values.push_back((i * 37) % 101);
  const Doubles qs{0.9, 0.1, 0.5, 0.999, 0.5};
  const auto found = bench::percentiles(values, qs, 0.9);
  ASSERT_EQ(found.size(), qs.size());
  for (std::size_t i = 0; i < qs.size(); ++i) {
    EXPECT_EQ(found[i].q, qs[i]);
    EXPECT_EQ(found[i].value, bench::nearest_rank(values, qs[i]));
    EXPECT_EQ(found[i].samples_needed, bench::samples_for_interval(qs[i], 0.9));
    EXPECT_EQ(found[i].between.has_value(), qs[i] < 0.95);
    if (!found[i].between) continue;
    const bench::Ranks ranks = bench::interval_ranks(101, qs[i], 0.9);
    EXPECT_EQ(found[i].between->low, ranks.low - 1) << "the values are 0 to 100";
    EXPECT_EQ(found[i].between->high, ranks.high - 1);
  }
}

TEST(Unit_19_7, PercentilesFollowTheLevel) {
  Doubles values(7, 1.0);
  EXPECT_TRUE(bench::percentiles(values, {0.5}).at(0).between);
  EXPECT_FALSE(bench::percentiles(values, {0.5}, 0.99).at(0).between);
  EXPECT_EQ(bench::percentiles(values, {0.5}, 0.99).at(0).samples_needed, 8);
  EXPECT_TRUE(bench::percentiles(values, {}).empty());
  EXPECT_TRUE(bench::percentiles(Doubles(6, 1.0), {0.5}).at(0).between) << "six are just enough";
  Doubles thirty;
  for (int i = 1; i <= 30; ++i) thirty.push_back(i);
  const auto sure = bench::percentiles(thirty, {0.5}, 0.99).at(0).between;
  ASSERT_TRUE(sure);
  EXPECT_EQ(sure->low, bench::interval_ranks(30, 0.5, 0.99).low);
}

TEST(Unit_19_7, TheMachinesOwnClockWorks) {
  int served = 0;
  const Latencies found = open_loop([&] { ++served; }, bench::steady_arrivals(5, 1000));
  EXPECT_EQ(served, 5);
  EXPECT_GE(found.seconds, 0.004) << "the last one was due then";
  for (const double waited : found.waited) EXPECT_GE(waited, 0);
}

TEST(Unit_19_7, OneRequestIsEnough) {
  SimulatedClock clock;
  Generator random(3);
  EXPECT_EQ(bench::steady_arrivals(1, 4), Doubles{0});
  EXPECT_EQ(bench::poisson_arrivals(1, 4, random).size(), 1u);
  EXPECT_EQ(closed_loop(taking(clock, 2), 1, clock).worked, Doubles{2});
  EXPECT_EQ(open_loop(taking(clock, 2), {3}, clock).seconds, 5);
  EXPECT_EQ(bench::percentiles({7}, {0.5}).at(0).value, 7);
}

TEST(Unit_19_7, Errors) {
  SimulatedClock clock;
  const Work serve = taking(clock, 1);
  Generator random(1);
  EXPECT_THROWS_WITH(bench::steady_arrivals(0, 1), ValueError, "count is 0");
  EXPECT_THROWS_WITH(bench::steady_arrivals(1, 0), ValueError, "rate is 0");
  EXPECT_THROWS_WITH(bench::poisson_arrivals(0, 1, random), ValueError, "count is 0");
  EXPECT_THROWS_WITH(bench::poisson_arrivals(1, infinity, random), ValueError, "rate is inf");
  EXPECT_THROWS_WITH(open_loop(serve, {}, clock), ValueError, "open_loop", "0 samples");
  EXPECT_THROWS_WITH(open_loop(serve, {0, 2, 1}, clock), ValueError, "arrival 2");
  EXPECT_THROWS_WITH(open_loop(serve, {-1}, clock), ValueError, "arrival 0");
  EXPECT_THROWS_WITH(closed_loop(serve, 0, clock), ValueError, "count is 0");
  EXPECT_THROWS_WITH(bench::percentiles({}, {0.5}), ValueError, "percentiles", "0 samples");
  EXPECT_THROWS_WITH(bench::percentiles({1}, {1}), ValueError, "q is 1");
  EXPECT_THROWS_WITH(bench::percentiles({1}, {0.5}, 0), ValueError, "level is 0");
  for (const double none : {not_a_number, infinity, -1.0}) {
    EXPECT_THROWS_WITH(bench::steady_arrivals(1, none), ValueError, "rate");
    EXPECT_THROWS_WITH(bench::poisson_arrivals(1, none, random), ValueError, "rate");
    EXPECT_THROWS_WITH(open_loop(serve, {none}, clock), ValueError, "open_loop");
    EXPECT_THROWS_WITH(bench::percentiles({1}, {0.5, none}), ValueError, "q");
    EXPECT_THROWS_WITH(bench::percentiles({1}, {}, none), ValueError, "level");
  }
}

}  // namespace
}  // namespace rushlight::test
