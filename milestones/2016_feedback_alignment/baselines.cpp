#include "2016_feedback_alignment/baselines.hpp"

#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"
#include "2016_feedback_alignment/dfa_rule.hpp"

namespace rushlight::dfa {

double backprop_step(ResidualMlp& model, Parts& parts, const Batch& batch) {
  model.zero_grad();
  const Tensor loss = cross_entropy(model(batch.inputs), batch.labels);
  loss.backward();
  parts.embed.step();
  for (Part& block : parts.blocks) block.step();
  parts.head.step();
  return loss.item();
}

double head_only_step(ResidualMlp& model, Parts& parts, const Batch& batch) {
  Array last;
  {
    const NoGrad no_graph;
    last = model.trace(batch.inputs).hiddens.back().value();
  }
  const Tensor loss = head_loss(model, last, batch.labels);
  parts.head.learn(loss);
  return loss.item();
}

}  // namespace rushlight::dfa
