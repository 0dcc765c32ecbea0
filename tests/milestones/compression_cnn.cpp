// Part one of the milestone of 2018: what is pruned stays pruned, through a file too.
#include <cmath>
#include <set>

#include "2018_compression/cnn.hpp"
#include "support/rush_test.hpp"
#include "support/temporary_folder.hpp"

namespace rushlight::compression {
namespace {

using test::TemporaryFolder;

ImageSet noise(std::int64_t count, std::uint64_t seed) {
  Generator random(seed);
  ImageSet images{.channels = 1, .height = 28, .width = 28, .pixels = {}, .labels = {}};
  for (std::int64_t i = 0; i < count * 784; ++i) images.pixels.push_back(static_cast<std::uint8_t>(random.below(256)));
  for (std::int64_t i = 0; i < count; ++i) images.labels.push_back(static_cast<std::int32_t>(random.below(10)));
  return images;
}

Pruned<Cnn> pruned_cnn(std::uint64_t seed) {
  Generator random(seed);
  Cnn network = milestone::lenet(random);
  const std::vector<std::string> paths = weight_paths(network);
  return {std::move(network), paths};
}

void no_watch(std::int64_t, double) {}

std::int64_t zeros_in(const Array& array) {
  std::int64_t count = 0;
  for (const Real each : array.data()) count += each == 0;
  return count;
}

// Of the weights that have masks.
double share_of_zeros(Pruned<Cnn>& network) {
  double zeros = 0, all = 0;
  for (const auto& [path, weight] : parameters_at("test", network.model, network.masks.paths())) {
    zeros += static_cast<double>(zeros_in(weight.value()));
    all += static_cast<double>(weight.size());
  }
  return zeros / all;
}

TEST(Milestones_19, PruningEndsWhereThePlanSaysAndLeavesTheBiases) {
  Clothes data(noise(256, 1), noise(20, 2), 3);
  Pruned<Cnn> network = pruned_cnn(4);
  prune_in_training(network, data, {.sparsity = 0.8, .prune_epochs = 1}, no_watch);
  EXPECT_NEAR(network.masks.sparsity(), 0.8, 1e-4);
  EXPECT_NEAR(share_of_zeros(network), 0.8, 1e-4);
  for (const std::string& path : network.masks.paths()) EXPECT_TRUE(path.ends_with(".weight")) << path;
}

TEST(Milestones_19, TrainingMovesTheNetworkAndCountsItsSteps) {
  Clothes data(noise(130, 1), noise(20, 2), 3);
  Generator random(4);
  Cnn network = milestone::lenet(random);
  const StateDict before = network.state_dict();
  std::vector<std::int64_t> steps;
  data.train(network, 2, 1e-3, [&](std::int64_t step, double) { steps.push_back(step); });
  EXPECT_EQ(steps, (std::vector<std::int64_t>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(data.steps(2), 6);
  for (const auto& [name, array] : network.state_dict()) {
    EXPECT_FALSE(test::same_bits(array, before.at(name))) << name;
  }
}

struct Saved {
  TemporaryFolder folder;
  std::string path = folder / "pruned.safetensors";
  Saved() {
    Pruned<Cnn> network = pruned_cnn(5);
    prune_by_magnitude(network, 0.9, PruneScope::all);
    save_pruned(path, network);
  }
  // The share of zeros after it was loaded and trained on.
  double zeros_later(bool forget_masks) const {
    Pruned<Cnn> network = pruned_cnn(6);
    load_pruned(path, network, forget_masks);
    EXPECT_NEAR(share_of_zeros(network), 0.9, 1e-4) << "before any step";
    Clothes data(noise(128, 1), noise(20, 2), 3);
    data.train(network, 1, 1e-3, no_watch);
    return share_of_zeros(network);
  }
};

TEST(Milestones_19, MasksSurviveTheFileAndTheTraining) { EXPECT_NEAR(Saved().zeros_later(false), 0.9, 1e-4); }

TEST(Milestones_19, ForgottenMasksLetTheWeightsGrowAgain) { EXPECT_LT(Saved().zeros_later(true), 0.5); }

TEST(Milestones_19, SharedWeightsAreFewAndZerosStay) {
  Pruned<Cnn> network = pruned_cnn(7);
  prune_by_magnitude(network, 0.7, PruneScope::all);
  const CompressedState state = shared_state(network, 8);
  const StateDict whole = network.model.state_dict(), few = restored(state);
  EXPECT_EQ(few.size(), whole.size());
  for (const auto& [name, array] : few) {
    if (!state.shared.contains(name)) {
      EXPECT_TRUE(test::same_bits(array, whole.at(name))) << name;
      continue;
    }
    const std::set<Real> values(array.data().begin(), array.data().end());
    EXPECT_LE(values.size(), 8U) << name;
    EXPECT_EQ(zeros_in(array), zeros_in(whole.at(name))) << name;
  }
  EXPECT_EQ(state.shared.size(), network.masks.paths().size());
}

}  // namespace
}  // namespace rushlight::compression
