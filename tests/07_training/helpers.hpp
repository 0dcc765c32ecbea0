// helpers.hpp: data and models that are small enough to reason about.
#pragma once

#include <filesystem>
#include <fstream>
#include <numeric>
#include <sstream>

#include "03_layers/layers.hpp"
#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"
#include "06_optimizers/adam.hpp"
#include "06_optimizers/sgd.hpp"
#include "07_training/trainer.hpp"
#include "support/lists.hpp"
#include "support/rush_test.hpp"
#include "support/temporary_folder.hpp"

namespace rushlight {

// How gtest shows these in a failure.
inline void PrintTo(const StoredTensor& t, std::ostream* out) {
  *out << name_of(t.dtype) << " " << t.shape.str() << " " << testing::PrintToString(t.bytes);
}
inline void PrintTo(const Progress& p, std::ostream* out) {
  *out << "epoch " << p.epoch << ", step " << p.step << ", epoch_step " << p.epoch_step << ", loss_sum " << p.loss_sum
       << ", examples " << p.examples;
}

}  // namespace rushlight

namespace rushlight::test {

// Rows of memory in batches; the order of an epoch is a function of seed and epoch.
class Rows : public BatchSource {
 public:
  Rows(Array inputs, Indices labels, std::int64_t batch_size, std::uint64_t seed = 0, bool shuffle = true)
      : inputs_(std::move(inputs)), labels_(std::move(labels)) {
    state_.seed = seed;
    state_.examples = labels_.size();
    state_.batch_size = batch_size;
    state_.shuffle = shuffle;
  }

  void start_epoch(std::int64_t epoch) override {
    started.push_back(epoch);
    state_.epoch = epoch;
    state_.position = 0;
  }

  bool next(Batch& batch) override {
    if (state_.position >= batches()) return false;
    const std::vector<std::int64_t> order = make_order();
    const std::int64_t first = state_.position * state_.batch_size;
    const std::int64_t count = std::min(state_.batch_size, state_.examples - first);
    const std::int64_t width = inputs_.dim(1);
    batch = {Array({count, width}), Indices({count})};
    const auto inputs = batch.inputs.mutable_data();
    const auto labels = batch.labels.mutable_data();
    for (std::int64_t row = 0; row < count; ++row) {
      const std::int64_t from = order[static_cast<std::size_t>(first + row)];
      for (std::int64_t i = 0; i < width; ++i) inputs[row * width + i] = inputs_.data()[from * width + i];
      labels[row] = labels_.data()[from];
    }
    ++state_.position;
    return true;
  }

  std::int64_t batches() const override {
    return state_.batch_size == 0 ? 0 : (state_.examples + state_.batch_size - 1) / state_.batch_size;
  }

  LoaderState state() const override { return state_; }

  void load_state(const LoaderState& state) override {
    if (state.seed != state_.seed || state.examples != state_.examples || state.batch_size != state_.batch_size) {
      throw ValueError("Rows: the state is that of other data.");
    }
    if (state.position > batches()) throw ValueError("Rows: there is no batch {}.", {state.position});
    state_ = state;
  }

  std::vector<std::int64_t> started;  // epochs, in the order of start_epoch()

 private:
  std::vector<std::int64_t> make_order() const {
    std::vector<std::int64_t> order(static_cast<std::size_t>(state_.examples));
    std::iota(order.begin(), order.end(), 0);
    if (!state_.shuffle) return order;
    Generator generator(state_.seed * 1000 + static_cast<std::uint64_t>(state_.epoch));
    return permutation(state_.examples, generator);
  }

  Array inputs_;
  Indices labels_;
  LoaderState state_;
};

// Two classes that no straight line separates: the sign of x·y, away from the axes.
inline Rows xor_like(std::int64_t count, std::int64_t batch_size, std::uint64_t seed = 0, bool shuffle = true) {
  Generator generator(17);
  Array inputs({count, 2});
  Indices labels({count});
  const auto xy = inputs.mutable_data();
  for (std::int64_t row = 0; row < count; ++row) {
    const bool right = generator.uniform() < 0.5, up = generator.uniform() < 0.5;
    xy[2 * row] = static_cast<Real>((right ? 1 : -1) * (0.3 + generator.uniform()));
    xy[2 * row + 1] = static_cast<Real>((up ? 1 : -1) * (0.3 + generator.uniform()));
    labels.mutable_data()[row] = right != up ? 1 : 0;
  }
  return Rows(inputs, labels, batch_size, seed, shuffle);
}

inline Tensor classify(const Tensor& output, const Batch& batch) { return cross_entropy(output, batch.labels); }

inline Sequential small_net(std::uint64_t seed = 3) {
  Generator g(seed);
  return Sequential{Linear({.in = 2, .out = 8}, g), Tanh(), Linear({.in = 8, .out = 2}, g)};
}

inline std::string text_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Same names, same bits.
inline void expect_same_state(const StateDict& actual, const StateDict& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (const auto& [name, array] : expected) EXPECT_TRUE(same_bits(actual.at(name), array)) << name;
}

}  // namespace rushlight::test
