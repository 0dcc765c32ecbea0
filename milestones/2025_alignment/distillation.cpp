#include "2025_alignment/distillation.hpp"

#include <memory>

#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"
#include "2025_alignment/texts.hpp"
#include "20_alignment/distillation.hpp"

namespace rushlight::alignment {

using milestone::WindowLoss;
using milestone::Windows;

namespace {

constexpr double sure_below = 1;  // nats: a teacher whose entropy is larger is followed in everything it can imagine

Tensor answer_of(GPT& teacher, const Indices& ids) {
  const NoGrad constant;
  const EvaluationMode evaluation(teacher);
  return teacher(ids);
}

WindowLoss taid_with_schedule(GPT& teacher, std::int64_t steps) {
  struct Walk {
    TAIDScheduler scheduler;
    std::int64_t step = 0;
  };
  const auto walk = std::make_shared<Walk>(Walk{TAIDScheduler({.steps = steps})});
  return [&teacher, walk](GPT& student, const Windows& windows) {
    const Mask all = everywhere(windows.inputs.shape());
    const Tensor loss =
        taid_loss(student(windows.inputs), answer_of(teacher, windows.inputs), walk->scheduler.t(), all);
    walk->scheduler.update(loss.item(), ++walk->step);
    return loss;
  };
}

}  // namespace

std::string name_of(Arm arm) {
  constexpr const char* names[] = {"plain", "JSD", "TAID", "entropy-aware"};
  return names[static_cast<std::size_t>(arm)];
}

WindowLoss loss_of(Arm arm, GPT& teacher, std::int64_t steps) {
  if (arm == Arm::plain) return milestone::next_character_loss;
  if (arm == Arm::taid) return taid_with_schedule(teacher, steps);
  return [arm, &teacher](GPT& student, const Windows& windows) {
    const Tensor logits = student(windows.inputs), target = answer_of(teacher, windows.inputs);
    const Mask all = everywhere(windows.inputs.shape());
    if (arm == Arm::jsd) return generalized_jsd_loss(logits, target, all, {.beta = 0.5});
    return entropy_aware_opd_loss(logits, target, all, {.h_max = sure_below});
  };
}

WindowLoss shuffled_loss(Generator& random) {
  return [&random](GPT& model, const Windows& windows) {
    const std::vector<std::int64_t> order = permutation(windows.targets.size(), random);
    Indices dealt(windows.targets.shape());
    const auto to = dealt.mutable_data();
    for (std::size_t i = 0; i < order.size(); ++i) to[i] = windows.targets.data()[static_cast<std::size_t>(order[i])];
    return cross_entropy(model(windows.inputs), dealt);
  };
}

}  // namespace rushlight::alignment
