// progress.hpp: how far a run of all arms has come, in a file from which it goes on, bit for bit: the arms that are
// done, and of the one under way the network, its optimizers and schedules after the last whole epoch.
#pragma once

#include <string>
#include <vector>

#include "07_training/checkpoint.hpp"
#include "2016_feedback_alignment/experiment.hpp"

namespace rushlight::dfa {

struct RunState {
  std::vector<ArmReport> done;  // without `arm`: the caller knows their order
  ArmState current;
};

void save_run(const std::string& path, const RunState& state);
RunState load_run(const std::string& path);  // throws FileError that names the file

}  // namespace rushlight::dfa
