// cnn.hpp: part one. The network of 1998 is pruned, saved, loaded, trained on, and its weights come to share a few
// numbers: deep compression (Han, Mao and Dally, 2016).
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "07_training/trainer.hpp"
#include "08_dataloader/dataloader.hpp"
#include "17_compression/compression.hpp"
#include "common/lenet.hpp"

namespace rushlight::compression {

using Cnn = Sequential;

// Called after each step of a training, counted from 1.
using OnStep = std::function<void(std::int64_t step, double loss)>;

// How a training can be stopped, and go on.
struct Keeping {
  std::function<void(const SafeTensors& state, std::int64_t step)> on_state;  // after each epoch, and where it stops
  SafeTensors begun;                                                          // such a state; empty: from the beginning
};

class Clothes {
 public:
  Clothes(ImageSet train, ImageSet test, std::uint64_t seed);

  // Throws milestone::Stopped, with the state kept, where Ctrl-C ended it. What goes on from such a state comes to the
  // same network, bit for bit.
  void train(Module& network, std::int64_t epochs, double lr, const OnStep& on_step, const Keeping& keeping = {});
  double accuracy(Module& network);
  std::int64_t steps(std::int64_t epochs) const { return epochs * train_.batches(); }
  Array images(std::int64_t count) const;  // the first of the test set, (count, 1, 28, 28)
  std::int64_t train_images() const { return train_.dataset().size(); }
  std::int64_t test_images() const { return test_.dataset().size(); }
  const std::string& digest() const { return digest_; }  // of all images and labels

 private:
  std::string digest_;
  DataLoader train_, test_;
};

struct CnnPlan {
  double sparsity = 0.9;  // of all weights together
  std::int64_t clusters = 32;
  std::int64_t prune_epochs = 1, tune_epochs = 1;
  double lr = 5e-4;
};

// Training goes on while ever more weights go, by the schedule of 17.3; at the end so many are gone.
void prune_in_training(Pruned<Cnn>& network, Clothes& data, const CnnPlan& plan, const OnStep& on_step,
                       const Keeping& keeping = {});

// The network's weights and masks, and back. With `forget_masks` the masks of the file are not looked at, and all
// weights may move again: a control.
void save_pruned(const std::string& path, Pruned<Cnn>& network);
void load_pruned(const std::string& path, Pruned<Cnn>& network, bool forget_masks = false);

// The pruned model's weights, each by its own list of so many numbers; biases stay as they are.
CompressedState shared_state(Pruned<Cnn>& network, std::int64_t clusters);

}  // namespace rushlight::compression
