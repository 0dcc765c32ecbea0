// session.hpp: what both halves of a run share: how long each training is, how it is watched, where things go.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "07_training/report.hpp"
#include "2017_transformer/journal.hpp"
#include "2018_compression/states.hpp"

namespace rushlight::compression {

// How long each training is, from --epochs, the rounds of a hundred steps that the GPT learns.
struct Plan {
  std::int64_t epochs = 1;

  // Of all 60,000 images one pass is worth six over the subset.
  std::int64_t cnn_epochs(bool full) const { return std::max<std::int64_t>(1, full ? epochs / 4 : epochs * 3 / 2); }
  CnnPlan cnn(bool full) const {
    const std::int64_t each = full ? 1 : std::max<std::int64_t>(1, epochs / 2);
    return {.prune_epochs = each, .tune_epochs = each};
  }
  std::int64_t gpt_rounds() const { return epochs; }
  std::int64_t pruned_rounds() const { return std::max<std::int64_t>(1, epochs / 4); }
  std::int64_t distilled_rounds() const { return std::max<std::int64_t>(1, epochs / 2); }
};

struct Session {
  const milestone::Options& options;
  Plan plan;
  std::int64_t steps = 0;  // of all trainings together
  std::string folder;      // of the files that are measured
  milestone::Journal& journal;

  OnStep shown(const std::string& phase) const {
    return [this, phase](std::int64_t step, double loss) {
      if (step % 10 != 0) return;
      milestone::emit("progress",
                      {{"step", journal.steps() + step}, {"steps", steps}, {"phase", phase}, {"loss", loss}});
    };
  }

  // Of a network whose quality has that name.
  static OnMeasured reported(const std::string& network, const std::string& quality) {
    return [network, quality](const Measured& state, std::size_t number) {
      milestone::emit("epoch", {{"epoch", number},
                                {"network", network},
                                {"state", state.name},
                                {quality, state.quality},
                                {"file_bytes", state.file_bytes},
                                {"milliseconds", 1e3 * state.speed.median}});
    };
  }
};

}  // namespace rushlight::compression
