#include "2018_compression/results.hpp"

#include <cmath>

namespace rushlight::compression {

double Part::times_smaller() const {
  return static_cast<double>(first().file_bytes) / static_cast<double>(chosen().file_bytes);
}

double Results::accuracy_lost() const { return 100 * (cnn.first().quality - cnn.chosen().quality); }

double Results::loss_change() const { return gpt.chosen().quality / gpt.first().quality - 1; }

double Results::times_faster() const {
  return speed.verdict == bench::Verdict::not_to_be_trusted ? NAN : speed.ratio.low;
}

std::vector<Claim> claims(const Results& results) {
  std::vector<Claim> found;
  if (!results.cnn.states.empty()) {
    found.push_back({"CNN's file, times smaller", results.cnn.times_smaller(), 15});
    found.push_back({"CNN's accuracy, points lost", results.accuracy_lost(), 1, true});
  }
  if (!results.gpt.states.empty()) {
    found.push_back({"GPT's file, times smaller", results.gpt.times_smaller(), 4});
    found.push_back({"GPT's speed, times faster", results.times_faster(), 1.5});
    found.push_back({"GPT's validation loss, relative change", results.loss_change(), 0.03, true});
  }
  return found;
}

}  // namespace rushlight::compression
