#include "2016_feedback_alignment/dfa_rule.hpp"

#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"

namespace rushlight::dfa {

BatchSignals batch_signals(ResidualMlp& model, const Feedback& feedback, const Batch& batch) {
  const NoGrad no_graph;
  const Trace trace = model.trace(batch.inputs);
  BatchSignals signals;
  for (const Tensor& h : trace.hiddens) signals.hiddens.push_back(h.value());
  signals.error = output_error(trace.logits.value(), batch.labels);
  for (const Array& b : feedback.matrices) signals.credits.push_back(rms_normalised(credit(signals.error, b)));
  return signals;
}

Tensor against_credit(const Tensor& y, const Array& credits) {
  return sum(y * Tensor(credits)) / static_cast<Real>(y.dim(0));
}

Tensor block_loss(Branch& branch, const Array& h, const Array& credits, double lam) {
  const Tensor f = branch(h);
  const Tensor local = against_credit(f, credits);
  if (lam == 0) return local;
  return local + static_cast<Real>(lam) * (sum(f * f) / static_cast<Real>(f.dim(0)));
}

Tensor head_loss(ResidualMlp& model, const Array& h, const Indices& labels) {
  return cross_entropy(model.read_out(h), labels);
}

double dfa_step(ResidualMlp& model, const Feedback& feedback, Parts& parts, const Batch& batch, double lam) {
  const BatchSignals fixed = batch_signals(model, feedback, batch);

  const Tensor loss = head_loss(model, fixed.hiddens.back(), batch.labels);
  parts.head.learn(loss);

  for (std::size_t l = 0; l < model.blocks.size(); ++l) {
    parts.blocks[l].learn(block_loss(model.blocks[l], fixed.hiddens[l], fixed.credits[l], lam));
  }

  // embed writes h_0 itself, so its credit is the one of the first block; it is neither clipped nor penalised.
  parts.embed.learn(against_credit(model.embed(batch.inputs), fixed.credits.front()));
  return loss.item();
}

}  // namespace rushlight::dfa
