// parts.hpp: every part of the network has an optimizer and a schedule of its own, as if nobody else were learning.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "06_optimizers/adam.hpp"
#include "07_training/checkpoint.hpp"
#include "07_training/schedule.hpp"
#include "2016_feedback_alignment/residual_mlp.hpp"

namespace rushlight::dfa {

struct PartOptions {
  double lr = 1e-3;
  double weight_decay = 1e-2;
  std::int64_t epochs = 100;  // the learning rate follows half a cosine down to 0 over these
  double clip = 1;            // the norm of a block's gradient; embed and head are not clipped
};

class Part {
 public:
  Part(const Tensors& parameters, const PartOptions& options, double clip);

  void zero_grad() { optimizer_.zero_grad(); }
  void step();                            // clips if it is to, then one step of AdamW with the gradients that are there
  void learn(const Tensor& loss);         // zero_grad, backward, step
  void end_epoch() { schedule_.step(); }  // once an epoch, not once a batch
  double lr() const { return optimizer_.lr(); }

  SafeTensors state_dict();                        // of optimizer and schedule, as a Trainer's checkpoint has them
  void load_state_dict(const SafeTensors& state);  // throws FileError

 private:
  AdamW optimizer_;
  Schedule schedule_;
  double clip_;  // 0: no
};

struct Parts {
  Parts(ResidualMlp& model, const PartOptions& options);

  void end_epoch();
  std::vector<Part*> all();  // embed, the blocks in order, head

  Part embed;
  std::deque<Part> blocks;  // a deque, because a Part stays where it was made
  Part head;                // out_ln and out_head
};

}  // namespace rushlight::dfa
