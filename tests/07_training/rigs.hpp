// rigs.hpp: a model that tells in which mode it was asked, and runs of training whose steps are on record.
#pragma once

#include "07_training/helpers.hpp"

namespace rushlight::test {

// y = 1·x + 0: the outputs are the inputs, and whether it is in training mode is on record.
struct Echo : Module {
  Tensor w{Array::scalar(1), true};
  std::vector<bool> modes;
  bool recording = false;
  Tensor forward(const Tensor& x) override {
    modes.push_back(training());
    const Tensor y = w * x;
    recording = y.requires_grad();
    return y;
  }
  void members(Members& m) override { m("w", w); }
};

// Four rows; the largest column is 0, 1, 1, 0.
inline Rows four_rows(const std::vector<std::int32_t>& labels, std::int64_t batch_size) {
  return Rows(Array({4, 2}, {2, 1, 0, 3, -2, -1, 5, 4}), Indices({4}, labels), batch_size, 0, false);
}

inline Tensor first_column(const Tensor& output, const Batch&) {
  return mean(slice(output, 1, {.start = 0, .stop = 1}));
}

struct Rig {
  Sequential net = small_net();
  SGD optimizer{net.parameters(), {.lr = 0.5}};
  Rows data = xor_like(20, 4);
  std::vector<StepInfo> steps;
  std::vector<EpochInfo> epochs;

  Outcome fit(const TrainerOptions& options, Schedule* schedule = nullptr, BatchSource* test = nullptr) {
    Trainer trainer(
        {.model = net, .optimizer = optimizer, .data = data, .loss = classify, .schedule = schedule, .test = test},
        options);
    trainer.on_step = [&](const StepInfo& info) { steps.push_back(info); };
    trainer.on_epoch = [&](const EpochInfo& info) { epochs.push_back(info); };
    return trainer.fit();
  }
};

// A model with everything that has a memory: batch norm's running estimate, dropout's random source; an optimizer with
// momenta, a schedule, shuffled data and a random source of the loss function's own.
struct RigWithMemory {
  Sequential net;
  AdamW optimizer;
  Schedule schedule;
  Rows data = xor_like(22, 4, 5);
  Rows test = xor_like(8, 8, 6);
  Generator noise{77};
  std::vector<StepInfo> steps;
  std::vector<EpochInfo> epochs;

  explicit RigWithMemory(std::uint64_t seed = 3)
      : net(make(seed)),
        optimizer(net.parameters(), {.lr = 0.05}),
        schedule(linear_warmup(optimizer, {.warmup = 3, .total = 30})) {}

  static Sequential make(std::uint64_t seed) {
    Generator g(seed);
    return Sequential{Linear({.in = 2, .out = 8}, g), BatchNorm1d({.features = 8}), Tanh(), Dropout({.p = 0.25}, g),
                      Linear({.in = 8, .out = 2}, g)};
  }

  Tensor noisy_loss(const Tensor& output, const Batch& batch) {
    const Real factor = static_cast<Real>(net.training() ? 1 + 0.1 * noise.uniform() : 1);
    return classify(output, batch) * factor;
  }

  Trainer trainer(const TrainerOptions& options) {
    return Trainer({.model = net,
                    .optimizer = optimizer,
                    .data = data,
                    .loss = [this](const Tensor& y, const Batch& b) { return noisy_loss(y, b); },
                    .schedule = &schedule,
                    .test = &test,
                    .generators = {{"noise", &noise}}},
                   options);
  }

  // Trains until `stop_after` steps are done in all, or to the end.
  void fit(Trainer& trainer, std::int64_t stop_after = -1) {
    clear_stop();
    trainer.on_step = [this, stop_after](const StepInfo& info) {
      steps.push_back(info);
      if (info.step == stop_after) request_stop();
    };
    trainer.on_epoch = [this](const EpochInfo& info) { epochs.push_back(info); };
    trainer.fit();
    clear_stop();
  }
};

}  // namespace rushlight::test
