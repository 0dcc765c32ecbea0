// The given parts of module 19: they work before the student has written anything.
#include <cmath>

#include "19_benchmarking/benchmarking.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

using bench::binomial_cdf;
using bench::normal_quantile;
using bench::SimulatedClock;

TEST(Given_19, ASimulatedClockMovesWhenItIsTold) {
  SimulatedClock clock;
  EXPECT_EQ(clock.now(), 0);
  clock.advance(2);
  clock.wait_until(5);
  EXPECT_EQ(clock.now(), 5);
  clock.wait_until(1);
  EXPECT_EQ(clock.now(), 5) << "that moment has passed";
  SimulatedClock coarse(0.5, 0.2);
  EXPECT_EQ(coarse.now(), 0);
  EXPECT_EQ(coarse.now(), 0);
  EXPECT_EQ(coarse.now(), 0.5) << "three looks cost 0.6";
  EXPECT_NEAR(coarse.time(), 0.6, 1e-12);
  EXPECT_NEAR(bench::clock_step(coarse), 0.5, 1e-12);
}

TEST(Given_19, TheMachinesClockWaits) {
  bench::Clock& clock = bench::steady_clock();
  const double before = clock.now();
  clock.wait_until(before + 0.002);
  EXPECT_GE(clock.now(), before + 0.002);
  const double step = bench::clock_step(clock);
  EXPECT_GT(step, 0);
  EXPECT_LT(step, 1e-3);
}

TEST(Given_19, BinomialProbabilities) {
  EXPECT_NEAR(binomial_cdf(0, 3, 0.5), 0.125, 1e-15);
  EXPECT_NEAR(binomial_cdf(1, 3, 0.5), 0.5, 1e-14);
  EXPECT_NEAR(binomial_cdf(2, 3, 0.5), 0.875, 1e-14);
  EXPECT_EQ(binomial_cdf(-1, 3, 0.5), 0);
  EXPECT_EQ(binomial_cdf(3, 3, 0.5), 1);
  EXPECT_NEAR(binomial_cdf(39, 100, 0.5), 0.017600, 1e-6);
  EXPECT_NEAR(binomial_cdf(99, 100, 0.99), 1 - std::pow(0.99, 100), 1e-12);
  EXPECT_NEAR(binomial_cdf(1000, 1000000, 0.001), 0.5084, 1e-3) << "many tosses";
  EXPECT_THROWS_WITH(binomial_cdf(1, -1, 0.5), ValueError, "n is -1");
  EXPECT_THROWS_WITH(binomial_cdf(1, 2, 1), ValueError, "p is 1");
}

TEST(Given_19, NormalQuantiles) {
  EXPECT_NEAR(normal_quantile(0.5), 0, 1e-12);
  EXPECT_NEAR(normal_quantile(0.975), 1.959963985, 1e-8);
  EXPECT_NEAR(normal_quantile(0.995), 2.575829304, 1e-8);
  EXPECT_NEAR(normal_quantile(0.025), -1.959963985, 1e-8);
  EXPECT_THROWS_WITH(normal_quantile(0), ValueError, "p is 0");
}

TEST(Given_19, ComparisonsInWords) {
  const bench::Comparison same{.ratio = {0.99, 1.001, 1.01}, .a_to_itself = {0.985, 1, 1.015}};
  EXPECT_EQ(
      in_words(same, "new", "old"),
      "no difference seen: new takes 1.001 (0.990 to 1.010) of old's time, and 1.000 (0.985 to 1.015) of its own.");
  bench::Comparison other = same;
  other.verdict = bench::Verdict::b_is_faster;
  EXPECT_EQ(in_words(other, "new", "old").rfind("old is faster: ", 0), 0u);
  other.verdict = bench::Verdict::not_to_be_trusted;
  EXPECT_EQ(in_words(other).rfind("not to be trusted, because A differs from itself: ", 0), 0u);
  EXPECT_STREQ(name_of(bench::Verdict::a_is_faster), "A is faster");
}

TEST(Given_19, DurationsHaveThreeDigits) {
  EXPECT_EQ(bench::duration(1.2345), "1.23 s");
  EXPECT_EQ(bench::duration(0.0012345), "1.23 ms");
  EXPECT_EQ(bench::duration(45.6e-6), "45.6 us");
  EXPECT_EQ(bench::duration(7e-9), "7 ns");
  EXPECT_EQ(bench::duration(0), "0 s");
  EXPECT_EQ(bench::duration(NAN), "unknown");
}

TEST(Given_19, TheSystemSaysSomething) {
  const bench::SystemTexts found = bench::read_system();
  EXPECT_FALSE(found.cpuinfo.empty() || found.loadavg.empty() || found.compiler.empty() || found.flags.empty());
}

TEST(Given_19, ChecksNameFunctionAndArgument) {
  EXPECT_THROWS_WITH(bench::check_samples("f", {1}, 2), ValueError, "f: there are 1 samples", "2");
  EXPECT_THROWS_WITH(bench::check_times("f", {1, 0}, 1), ValueError, "f: time 1 is 0");
  EXPECT_THROWS_WITH(bench::check_equal_counts("f", {1}, {1, 2}), ValueError, "f: there are 1 and 2");
  EXPECT_THROWS_WITH(bench::check_at_least("f", "n", 1, 2), ValueError, "f: n is 1");
  EXPECT_THROWS_WITH(bench::check_above_zero("f", "x", INFINITY), ValueError, "f: x is inf");
  EXPECT_THROWS_WITH(bench::check_inside("f", "q", 1), ValueError, "f: q is 1");
}

}  // namespace
}  // namespace rushlight::test
