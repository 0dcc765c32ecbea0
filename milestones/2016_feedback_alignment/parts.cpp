#include "2016_feedback_alignment/parts.hpp"

#include "05_autograd/autograd.hpp"
#include "07_training/clip.hpp"
#include "07_training/run_state.hpp"

namespace rushlight::dfa {
namespace {

Tensors head_parameters(ResidualMlp& model) {
  Tensors all = model.out_ln.parameters();
  for (const Tensor& each : model.out_head.parameters()) all.push_back(each);
  return all;
}

}  // namespace

Part::Part(const Tensors& parameters, const PartOptions& options, double clip)
    : optimizer_(parameters, {.lr = options.lr, .weight_decay = options.weight_decay}),
      schedule_(cosine_annealing_lr(optimizer_, {.T_max = options.epochs})),
      clip_(clip) {}

void Part::step() {
  if (clip_ > 0) clip_grad_norm(optimizer_.parameters(), clip_);
  optimizer_.step();
}

void Part::learn(const Tensor& loss) {
  zero_grad();
  loss.backward();
  step();
}

SafeTensors Part::state_dict() {
  SafeTensors state;
  put_optimizer(state, optimizer_.state_dict());
  put_schedule(state.metadata, schedule_.state_dict());
  return state;
}

void Part::load_state_dict(const SafeTensors& state) {
  optimizer_.load_state_dict(optimizer_at(state));
  schedule_.load_state_dict(schedule_at(state.metadata));
}

Parts::Parts(ResidualMlp& model, const PartOptions& options)
    : embed(model.embed.parameters(), options, 0), head(head_parameters(model), options, 0) {
  for (Branch& branch : model.blocks) blocks.emplace_back(branch.parameters(), options, options.clip);
}

void Parts::end_epoch() {
  for (Part* part : all()) part->end_epoch();
}

std::vector<Part*> Parts::all() {
  std::vector<Part*> parts{&embed};
  for (Part& block : blocks) parts.push_back(&block);
  parts.push_back(&head);
  return parts;
}

}  // namespace rushlight::dfa
