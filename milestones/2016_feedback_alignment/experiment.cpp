#include "2016_feedback_alignment/experiment.hpp"

#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"
#include "07_training/run_state.hpp"
#include "07_training/trainer.hpp"
#include "2016_feedback_alignment/baselines.hpp"
#include "2016_feedback_alignment/dfa_rule.hpp"
#include "common/nested.hpp"

namespace rushlight::dfa {
namespace {

double accuracy_of(const Array& logits, const Indices& labels) {
  const Indices guesses = argmax(logits);
  std::int64_t right = 0;
  for (std::size_t n = 0; n < labels.data().size(); ++n) right += guesses.data()[n] == labels.data()[n] ? 1 : 0;
  return static_cast<double>(right) / static_cast<double>(labels.size());
}

EpochReport look(ResidualMlp& model, const Batch& held_out, std::int64_t epoch, double train_loss) {
  const NoGrad no_graph;
  const Trace trace = model.trace(held_out.inputs);
  return {.epoch = epoch,
          .train_loss = train_loss,
          .test_accuracy = accuracy_of(trace.logits.value(), held_out.labels),
          .h_norm = median_of(row_norms(trace.hiddens.back().value()))};
}

std::string prefix_of(std::size_t part) { return std::to_string(part) + "."; }

ArmState state_of(ResidualMlp& model, Parts& parts, const std::vector<EpochReport>& epochs) {
  ArmState state{.parts = {}, .epochs = epochs};
  put_arrays(state.parts, "model.", model.state_dict());
  const std::vector<Part*> all = parts.all();
  for (std::size_t i = 0; i < all.size(); ++i) milestone::put_nested(state.parts, prefix_of(i), all[i]->state_dict());
  return state;
}

void restore(const ArmState& state, ResidualMlp& model, Parts& parts) {
  model.load_state_dict(arrays_at(state.parts, "model."));
  const std::vector<Part*> all = parts.all();
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i]->load_state_dict(milestone::nested_at(state.parts, prefix_of(i)));
  }
}

}  // namespace

Learner::Learner(const MlpOptions& options, std::uint64_t seed) : Learner(options, Generator(seed)) {}

Learner::Learner(const MlpOptions& options, Generator random)
    : model(options, random), feedback(Feedback::random(options.blocks, options.width, options.classes, random)) {}

double take_step(Learner& learner, Parts& parts, const Arm& arm, const Batch& batch) {
  switch (arm.method) {
    case Method::head_only:
      return head_only_step(learner.model, parts, batch);
    case Method::backprop:
      return backprop_step(learner.model, parts, batch);
    case Method::feedback:
      return dfa_step(learner.model, learner.feedback, parts, batch, arm.lam);
  }
  throw ValueError("take_step: there is no such method.");
}

double test_accuracy(ResidualMlp& model, BatchSource& data) {
  const LossFunction loss = [](const Tensor& logits, const Batch& batch) {
    return cross_entropy(logits, batch.labels);
  };
  return evaluate(model, loss, data).accuracy;
}

ArmReport run_arm(Learner& learner, const Arm& arm, const Settings& settings, Loaders& loaders, const Watch& watch,
                  const ArmState& begun) {
  Parts parts(learner.model, settings.training);
  ArmReport report{.arm = arm, .test_accuracy = 0, .layers = {}, .epochs = begun.epochs};
  if (!begun.epochs.empty()) restore(begun, learner.model, parts);
  for (auto epoch = static_cast<std::int64_t>(begun.epochs.size()); epoch < settings.training.epochs; ++epoch) {
    double loss_sum = 0;
    std::int64_t step = 0;
    for (const Batch& batch : loaders.train->epoch(epoch)) {
      loss_sum += take_step(learner, parts, arm, batch);
      if (++step; watch.on_step) watch.on_step(epoch + 1, step);
    }
    parts.end_epoch();
    report.epochs.push_back(look(learner.model, loaders.held_out, epoch + 1, loss_sum / static_cast<double>(step)));
    if (watch.on_epoch) watch.on_epoch(report.epochs.back());
    if (watch.on_state) watch.on_state(state_of(learner.model, parts, report.epochs));
  }
  report.test_accuracy = test_accuracy(learner.model, *loaders.test);
  report.layers = measure_direction_quality(learner.model, learner.feedback, loaders.held_out);
  return report;
}

}  // namespace rushlight::dfa
