// predictions.hpp: what a network answered to the test data, in a file: whoever has the labels can count again
// (scripts/rushlight/milestones/recount.py). The figure in the result counts only when it is what that gives.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "common/milestone.hpp"

namespace rushlight::milestone {

// The answers in the order of the test data, by the name of the figure that is claimed of them.
using Predictions = std::vector<std::pair<std::string, std::vector<int>>>;

// <out>/predictions.json, where a folder was given. A disk that is full takes nothing of the result away: it says so.
// The first milestones have no module 07, so its write_file is not here.
inline void write_predictions(const std::string& out, const Predictions& all) {
  if (out.empty()) return;
  Json answers = Json::object();
  for (const auto& [figure, some] : all) answers[figure] = some;
  const std::string path = out + "/predictions.json";
  std::ofstream file(path + ".new");
  file << answers.dump() << '\n';
  file.close();
  std::error_code failed;
  if (file) std::filesystem::rename(path + ".new", path, failed);
  if (file && !failed) return;
  std::filesystem::remove(path + ".new", failed);
  std::printf("%s: cannot be written, so nobody can count again.\n", path.c_str());
  std::fflush(stdout);
}

}  // namespace rushlight::milestone
