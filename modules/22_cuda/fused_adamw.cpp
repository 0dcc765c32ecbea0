// fused_adamw.cpp: given. Parameters wait until all of the step have come, and go together.
#include "22_cuda/fused_adamw.hpp"

#include "22_cuda/cuda.hpp"
#include "22_cuda/graph.hpp"

namespace rushlight::cuda {

#ifdef __CUDACC__
static_assert(sizeof(AdamParts) + sizeof(AdamNumbers) + sizeof(Reals) <= 4096, "a launch takes no more by value");
#endif

AdamNumbers numbers_of(const AdamStep& step) {
  const auto real = [](double x) { return static_cast<Real>(x); };
  return {real(step.beta1),     real(1 - step.beta1), real(step.beta2),
          real(1 - step.beta2), real(step.step_size), real(step.root_of_correction2),
          real(step.eps),       real(step.decay),     real(1 - step.shrink)};
}

std::size_t FusedAdamW::count_on_device() const {
  std::size_t count = 0;
  for (int group = 0; group < group_count(); ++group) {
    for (const Tensor& each : parameters(group)) {
      if (each.grad().defined() && each.value().device() == Device::cuda) ++count;
    }
  }
  return count;
}

void FusedAdamW::update(int group, Array& value, const Array& grad, State& state) {
  if (value.device() != Device::cuda) return AdamW::update(group, value, grad, state);
  if (!of_step_.defined()) of_step_ = Array::on(Device::cuda, {group_count(), 3});
  waiting_.push_back(
      {group,
       &state,
       {view_to_write(value), view(grad), view_to_write(state.buffers[0]), view_to_write(state.buffers[1])}});
  if (waiting_.size() == count_on_device()) launch_all();
}

void FusedAdamW::launch_all() {
  const std::vector<Waiting> all = std::exchange(waiting_, {});
  std::vector<Waiting> alike;
  if (capturing()) captured_.clear(), launched_ = false;
  for (const Waiting& each : all) {
    const bool other = !alike.empty() && (alike[0].group != each.group || alike[0].state->step != each.state->step);
    if (other || alike.size() == AdamParts::most) launch(std::exchange(alike, {}));
    alike.push_back(each);
    if (capturing()) captured_.emplace_back(each.group, each.state);
  }
  launch(alike);
}

void FusedAdamW::launch(const std::vector<Waiting>& alike) {
  AdamParts parts;
  for (const Waiting& each : alike) parts.each[parts.count++] = each.part;
  const int group = alike[0].group;
  adam_steps(parts, numbers_of(step_of(group, alike[0].state->step)), capturing() ? of_step(group) : Reals());
}

Reals FusedAdamW::of_step(int group) const { return {of_step_.data_on(Device::cuda) + 3 * group, 3}; }

void FusedAdamW::before_launch() {
  if (captured_.empty()) throw ValueError("FusedAdamW: no step was captured; capture one before before_launch().");
  std::vector<Real> numbers(static_cast<std::size_t>(3 * group_count()));
  for (const auto& [group, state] : captured_) {
    if (launched_) ++state->step;  // the capture has counted the first one
    const AdamNumbers n = numbers_of(step_of(group, state->step));
    Real* const there = &numbers[static_cast<std::size_t>(3 * group)];
    there[0] = n.step_size, there[1] = n.root_of_correction2, there[2] = n.keep;
  }
  launched_ = true;
  refill(of_step_, Array(of_step_.shape(), numbers));
}

}  // namespace rushlight::cuda
