// training.hpp: what milestones that train a classifier with module 07's Trainer share.
#pragma once

#include <vector>

#include "05_autograd/autograd.hpp"
#include "07_training/trainer.hpp"
#include "08_dataloader/dataloader.hpp"
#include "common/milestone.hpp"

namespace rushlight::milestone {

// The class with the largest logit, for every example of the loader.
inline std::vector<int> predictions(Module& network, DataLoader& loader) {
  const NoGrad no_grad;
  network.eval();
  std::vector<int> answers;
  for (const Batch& batch : loader.epoch(0)) {
    const Indices best = argmax(network(batch.inputs).value());
    answers.insert(answers.end(), best.data().begin(), best.data().end());
  }
  network.train();
  return answers;
}

// Progress and epochs become events.
inline void report(Trainer& trainer) {
  trainer.on_step = [](const StepInfo& info) {
    if (info.step % 10 == 0) {
      emit("progress", {{"step", info.step},
                        {"steps", info.epochs * info.epoch_steps},
                        {"epoch", info.epoch + 1},
                        {"loss", info.loss}});
    }
  };
  trainer.on_epoch = [](const EpochInfo& info) {
    emit("epoch", {{"epoch", info.epoch + 1},
                   {"train_loss", info.train_loss},
                   {"test_loss", info.test->loss},
                   {"test_accuracy", info.test->accuracy}});
  };
}

}  // namespace rushlight::milestone
