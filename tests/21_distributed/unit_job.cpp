// How a job ends when one of its ranks does: soon, and with one message that says who it was and where. And who is slow.
#include <algorithm>
#include <csignal>
#include <cstdlib>

#include "ranks.hpp"

namespace rushlight::test {
namespace {

// Rank 1 ends in the middle of something, and the others would wait for a minute. It hears from rank 0 first, so that both
// are there.
template <class End>
void rank_1_ends(World& world, const End& end) {
  std::vector<Real> numbers(8, 1);
  const Doing doing(world, "counting sheep");
  broadcast(world, numbers, 0);
  if (world.rank() == 1) end();
  world.set_patience(60);
  broadcast(world, numbers, 1);
}

RANKS(one_throws) {
  rank_1_ends(world, [] { throw ValueError("the data set is empty."); });
}
RANKS(one_aborts) {
  rank_1_ends(world, [] { std::abort(); });
}
RANKS(one_is_killed) {
  rank_1_ends(world, [] { std::raise(SIGKILL); });
}

const JobEnd& end_of(const std::string& body) {
  static const std::vector<std::string> bodies{"one_throws", "one_aborts", "one_is_killed"};
  static const std::vector<JobEnd> ends = jobs_of(2, bodies);
  const JobEnd& end = ends.at(static_cast<std::size_t>(std::ranges::find(bodies, body) - bodies.begin()));
  note_blanks(end);
  return end;
}

void expect_one_message(const JobEnd& end, const std::string& message) {
  EXPECT_NE(end.status, 0);
  EXPECT_LT(end.seconds, 10);
  EXPECT_NE(end.output.find(message), std::string::npos) << end.output;
  const std::string last = "The job ends here.";
  const std::size_t at = end.output.find(last);
  EXPECT_NE(at, std::string::npos) << end.output;
  EXPECT_EQ(end.output.find(last, at + 1), std::string::npos) << "more than one rank speaks: " << end.output;
}

TEST(Unit_21_1, ARankThatThrowsEndsTheJob) {
  expect_one_message(end_of("one_throws"), "rank 1 of 2, in counting sheep: the data set is empty.");
}

TEST(Unit_21_1, ARankThatDiesSaysWhereItWas) {
  expect_one_message(end_of("one_aborts"), "rank 1 of 2, in counting sheep, died");
}

TEST(Unit_21_1, OthersSayWhoWasKilledAndWhereTheyWere) {
  const JobEnd& end = end_of("one_is_killed");
  expect_one_message(end, "rank 1 is gone without a word");
  EXPECT_NE(end.output.find("rank 0 of 2, in counting sheep"), std::string::npos) << end.output;
}

RANKS(one_is_slow) {
  const double mine = world.rank() == 1 ? 5 : 2;
  says["slow"] = json::array();
  for (const Straggler& each : stragglers(world, mine)) says["slow"].push_back({each.rank, each.times_slower});
  says["not_slow"] = stragglers(world, world.rank() == 1 ? 3 : 2).size();
}

TEST(Unit_21_2, WhoeverIsSlowIsNamedOnEveryRank) {
  for (const int ranks : {2, 3}) {
    for (const json& said : on_ranks(ranks, "one_is_slow")) {
      EXPECT_EQ(said["slow"], json::parse("[[1, 2.5]]")) << ranks << " ranks";
      EXPECT_EQ(said["not_slow"], 0) << "half as long again is not more than that";
    }
  }
}

}  // namespace
}  // namespace rushlight::test
