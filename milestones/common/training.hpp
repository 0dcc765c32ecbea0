// training.hpp: what milestones that train a classifier share.
#pragma once

#include <vector>

#include "05_autograd/autograd.hpp"
#include "07_training/run_state.hpp"
#include "07_training/trainer.hpp"
#include "08_dataloader/dataloader.hpp"
#include "common/milestone.hpp"

namespace rushlight::milestone {

// The class with the largest logit, for every example of the loader.
inline std::vector<int> predictions(Module& network, DataLoader& loader) {
  const EvaluationMode evaluation(network);
  const NoGrad no_grad;
  std::vector<int> answers;
  for (const Batch& batch : loader.epoch(0)) {
    const Indices best = argmax(network(batch.inputs).value());
    answers.insert(answers.end(), best.data().begin(), best.data().end());
  }
  return answers;
}

// One of ten steps is shown.
inline void emit_progress(std::int64_t step, std::int64_t steps, std::int64_t epoch, double loss) {
  if (step % 10 == 0) emit("progress", {{"step", step}, {"steps", steps}, {"epoch", epoch + 1}, {"loss", loss}});
}

inline void emit_epoch(std::int64_t epoch, double train_loss, const Evaluation& test) {
  emit("epoch",
       {{"epoch", epoch + 1}, {"train_loss", train_loss}, {"test_loss", test.loss}, {"test_accuracy", test.accuracy}});
}

// A trainer's steps and epochs become events. `last` keeps what the last epoch came to on the test data.
inline void report(Trainer& trainer, Evaluation& last) {
  trainer.on_step = [](const StepInfo& info) {
    emit_progress(info.step, info.epochs * info.epoch_steps, info.epoch, info.loss);
  };
  trainer.on_epoch = [&last](const EpochInfo& info) {
    last = *info.test;
    emit_epoch(info.epoch, info.train_loss, last);
  };
}

// <out>/checkpoint.safetensors, where a folder was given: for TrainerOptions::checkpoint.
inline std::string checkpoint_of(const Options& options) {
  return options.out.empty() ? "" : options.out + "/checkpoint.safetensors";
}

inline void emit_resumed(const Trainer& trainer) {
  emit("resumed", {{"step", trainer.progress().step}, {"epoch", trainer.progress().epoch}});
}

// The state after each epoch, for a milestone whose loop is its own. With --resume the parts are as the last one left
// them: Trainer writes and reads it, so that the file is the one of every other run.
class EpochCheckpoint {
 public:
  EpochCheckpoint(const TrainerParts& parts, const Options& options)
      : keeper_(parts, {.epochs = options.epochs}), path_(checkpoint_of(options)), epochs_(options.epochs) {
    if (!options.resume) return;
    keeper_.load(path_);
    emit_resumed(keeper_);
  }

  Progress done() const { return keeper_.progress(); }

  void save(const Progress& done) const {
    if (path_.empty()) return;
    SafeTensors state = keeper_.state_dict();
    LoaderState data = data_at(state.metadata);
    data.epoch = done.epoch;
    put_data(state.metadata, data);
    put_progress(state.metadata, done);
    try {
      save_safetensors(path_, state);
    } catch (const FileError& error) {
      if (done.epoch < epochs_) throw;
      say_so(error);
    }
  }

 private:
  Trainer keeper_;
  std::string path_;
  std::int64_t epochs_;
};

// Trains to the end of the last epoch or until Ctrl-C, from the beginning or with --resume from the checkpoint. Answers
// what the test data say of the network as it is then.
inline Evaluation fit(Trainer& trainer, Module& network, DataLoader& test, const Options& options) {
  Evaluation last;
  report(trainer, last);
  if (options.resume) {
    trainer.load(checkpoint_of(options));
    emit_resumed(trainer);
  }
  const StopOnInterrupt ctrl_c;
  Outcome outcome = Outcome::finished;
  try {
    outcome = trainer.fit();
  } catch (const FileError& error) {
    if (trainer.progress().epoch < options.epochs) throw;
    say_so(error);
  }
  if (outcome == Outcome::stopped || last.examples == 0) last = evaluate(network, cross_entropy_of, test);
  return last;
}

}  // namespace rushlight::milestone
