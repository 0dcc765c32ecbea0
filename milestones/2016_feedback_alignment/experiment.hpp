// experiment.hpp: the arms of the experiment. Each starts from the same weights, the same feedback and the same order
// of batches, so that what differs at the end comes from the rule alone.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "07_training/checkpoint.hpp"
#include "2016_feedback_alignment/data.hpp"
#include "2016_feedback_alignment/direction_quality.hpp"
#include "2016_feedback_alignment/parts.hpp"

namespace rushlight::dfa {

enum class Method { head_only, backprop, feedback };

struct Arm {
  std::string name;  // "vanilla"
  Method method = Method::feedback;
  double lam = 0;  // of the penalty; only for Method::feedback
};

struct Settings {
  MlpOptions model;
  PartOptions training;
  std::uint64_t seed = 42;
};

// The network and its feedback as they are before training: a function of the sizes and the seed.
struct Learner {
  Learner(const MlpOptions& options, std::uint64_t seed);

  ResidualMlp model;
  Feedback feedback;

 private:
  Learner(const MlpOptions& options, Generator random);
};

struct EpochReport {
  std::int64_t epoch = 0;    // from 1
  double train_loss = 0;     // mean over the batches, each before its step
  double test_accuracy = 0;  // on the held-out examples
  double h_norm = 0;         // median norm of h_L there

  bool operator==(const EpochReport&) const = default;
};

struct ArmReport {
  Arm arm;
  double test_accuracy = 0;  // on the whole test set
  std::vector<LayerQuality> layers;
  std::vector<EpochReport> epochs;
};

// An arm between two epochs: what is needed to go on.
struct ArmState {
  SafeTensors parts;  // "model.<name>", and "<i>.<entry>" of optimizer and schedule of every part
  std::vector<EpochReport> epochs;
};

struct Watch {
  std::function<void(std::int64_t epoch, std::int64_t step)> on_step = {};  // both from 1; step in its epoch
  std::function<void(const EpochReport&)> on_epoch = {};
  std::function<void(ArmState)> on_state = {};  // after every epoch
};

// One batch under the arm's rule; the cross-entropy from before the step.
double take_step(Learner& learner, Parts& parts, const Arm& arm, const Batch& batch);

double test_accuracy(ResidualMlp& model, BatchSource& data);  // evaluation mode, no graph, argmax

// Trains `learner`, which stays as the last epoch left it, and measures it. From `begun`, if it has epochs, it goes on:
// what comes out is what it would have been without the break, bit for bit.
ArmReport run_arm(Learner& learner, const Arm& arm, const Settings& settings, Loaders& loaders, const Watch& watch = {},
                  const ArmState& begun = {});

}  // namespace rushlight::dfa
