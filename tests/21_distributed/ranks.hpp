// ranks.hpp: cases that run on several processes. A case asks for a body by its name; the processes that mpirun started
// run it, each as one rank, and what they say comes back to the case, which judges it:
//
//   RANKS(ring_sum) {
//     std::vector<Real> numbers{1, 2, 3};
//     ring_all_reduce(world, numbers);
//     says["sum"] = numbers;
//   }
//   TEST(Unit_21_2, RingGivesTheSum) {
//     for (const json& said : on_ranks(2, "ring_sum")) EXPECT_EQ(said["sum"], ...);
//   }
//
// The processes are started once for all cases of a task, since mpirun takes a second, and anew after one that failed. A
// failed EXPECT, an exception or a blank on a rank is one of the case. A rank that does not answer ends the case.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "21_distributed/distributed.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {

using nlohmann::json;

using RankBody = void (*)(World& world, json& says);

struct RegisterRankBody {
  RegisterRankBody(const char* name, RankBody body);
};

#define RANKS(name)                                                          \
  static void name##_on_ranks([[maybe_unused]] World& world, json& says);    \
  static const RegisterRankBody name##_registration(#name, name##_on_ranks); \
  static void name##_on_ranks([[maybe_unused]] World& world, [[maybe_unused]] json& says)

// What each rank said, in order of the ranks.
std::vector<json> on_ranks(int ranks, const std::string& body);

// How many ranks the laws are tried with: 1 and 2, or up to RUSHLIGHT_RANKS (3 or 4).
std::vector<int> rank_counts();

// A job of its own, whose end is what is looked at: run_job with this body.
struct JobEnd {
  int status = 0;
  double seconds = 0;
  std::string output;
};
// Side by side: mpirun gives what is left of a job a second to go.
std::vector<JobEnd> jobs_of(int ranks, const std::vector<std::string>& bodies);
// A blank on a rank of the job is a blank of the case.
void note_blanks(const JobEnd& end);

// A file that all ranks call by the same name.
inline std::string path_of(const std::string& name) { return (std::filesystem::temp_directory_path() / name).string(); }

}  // namespace rushlight::test
