// fused_adamw.hpp: AdamW whose step on the device is one launch for up to 60 parameters instead of one for each, and which a
// captured graph can repeat. Elsewhere it is AdamW. Given.
//
//   stream.run([&] {
//     step(), step();                // zero_grad, backward, optimizer.step()
//     graph.capture(step);
//     for (...) {
//       optimizer.before_launch();   // the numbers of the next step, with the learning rate of now
//       graph.launch();
//     }
//   });
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "06_optimizers/adam.hpp"
#include "22_cuda/kernels.hpp"

namespace rushlight::cuda {

AdamNumbers numbers_of(const AdamStep& step);

class FusedAdamW : public AdamW {
 public:
  explicit FusedAdamW(const Tensors& parameters, const AdamWOptions& options = {}) : AdamW(parameters, options) {}
  explicit FusedAdamW(const std::vector<Group<AdamWOptions>>& groups) : AdamW(groups) {}

  // Puts what changes from step to step (bias corrections, learning rate) where the captured step reads it, and counts the
  // step that the next launch will make. Once before each launch, and no step() without the graph after the capture. A
  // transfer. ValueError if no step was captured.
  void before_launch();

 protected:
  void update(int group, Array& value, const Array& grad, State& state) override;

 private:
  struct Waiting {
    int group;
    State* state;
    AdamPart part;
  };

  std::size_t count_on_device() const;
  void launch_all();
  void launch(const std::vector<Waiting>& alike);
  Reals of_step(int group) const;

  std::vector<Waiting> waiting_;  // until the last parameter of the step has come
  std::vector<std::pair<int, State*>> captured_;
  bool launched_ = false;
  Array of_step_;  // three numbers a group
};

}  // namespace rushlight::cuda
