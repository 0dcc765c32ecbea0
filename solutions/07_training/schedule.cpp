// schedule.cpp: large steps while far away, small ones near the end.
#include "07_training/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "01_tensor/todo.hpp"

namespace rushlight {
namespace {

void check_at_least(const char* schedule, const char* option, std::int64_t value, std::int64_t least) {
  if (value >= least) return;
  throw ValueError("{}: {} is {}, but it must be at least {}.", {schedule, option, value, least});
}

void check_above_zero(const char* schedule, const char* option, double value) {
  if (value > 0 && std::isfinite(value)) return;
  throw ValueError("{}: {} is {}, but it must be finite and above 0.", {schedule, option, value});
}

// solution helper
// From `high` at progress 0 to `low` at progress 1, flat at both ends.
double cosine_between(double high, double low, double progress) {
  return low + (high - low) * (1 + std::cos(std::numbers::pi * progress)) / 2;
}
// end solution

}  // namespace

// 07.2 Schedule::step  t ← t + 1;  group g's learning rate ← lr_at(t, base_lrs_[g])
// Hint: optimizer_.set_lr(group, lr).
void Schedule::step() {
  ++steps_;
  for (int group = 0; group < optimizer_.group_count(); ++group) {
    optimizer_.set_lr(group, lr_at(steps_, base_lrs_[group]));
  }
}

// 07.2 Schedule::state_dict  -> {name_, steps_, base_lrs_}
// Hint: the options are not in it: they are in the program.
ScheduleState Schedule::state_dict() const { return {.schedule = name_, .steps = steps_, .base_lrs = base_lrs_}; }

// 07.2 Schedule::load_state_dict  the inverse;  ValueError when the kind or the number of groups differs, steps < 0, or a
// base rate is negative or not finite
// Hint: first look at everything, then assign. check_not_negative(name_, "base_lr", rate) does one rate.
void Schedule::load_state_dict(const ScheduleState& state) {
  if (state.schedule != name_) {
    throw ValueError("{}: the state is that of a {}. Build the schedule that was saved.", {name_, state.schedule});
  }
  if (state.base_lrs.size() != base_lrs_.size()) {
    throw ValueError("{}: the state has {} groups, the optimizer {}.",
                     {name_, state.base_lrs.size(), base_lrs_.size()});
  }
  check_at_least(name_.c_str(), "steps", state.steps, 0);
  for (const double rate : state.base_lrs) check_not_negative(name_, "base_lr", rate);
  steps_ = state.steps;
  base_lrs_ = state.base_lrs;
}

// 07.2 step_lr  lr(t, base) = base · gamma^⌊t / step_size⌋
// Hint: a Schedule of the name "StepLR" with a lambda that captures the options by value.
Schedule step_lr(Optimizer& optimizer, const StepLROptions& options) {
  check_at_least("StepLR", "step_size", options.step_size, 1);
  check_above_zero("StepLR", "gamma", options.gamma);
  // solution 07.2
  return {"StepLR", optimizer, [options](std::int64_t t, double base) {
            return base * std::pow(options.gamma, static_cast<double>(t / options.step_size));
          }};
  // end solution
}

// 07.2 exponential_lr  lr(t, base) = base · gammaᵗ
// Hint: its name is "ExponentialLR".
Schedule exponential_lr(Optimizer& optimizer, const ExponentialLROptions& options) {
  check_above_zero("ExponentialLR", "gamma", options.gamma);
  // solution 07.2
  return {"ExponentialLR", optimizer,
          [options](std::int64_t t, double base) { return base * std::pow(options.gamma, static_cast<double>(t)); }};
  // end solution
}

// 07.2 cosine_annealing_lr  lr(t, base) = eta_min + (base - eta_min)·(1 + cos(π·t / T_max)) / 2
// Hint: its name is "CosineAnnealingLR".
Schedule cosine_annealing_lr(Optimizer& optimizer, const CosineAnnealingLROptions& options) {
  check_at_least("CosineAnnealingLR", "T_max", options.T_max, 1);
  check_not_negative("CosineAnnealingLR", "eta_min", options.eta_min);
  // solution 07.2
  return {"CosineAnnealingLR", optimizer, [options](std::int64_t t, double base) {
            return cosine_between(base, options.eta_min, static_cast<double>(t) / static_cast<double>(options.T_max));
          }};
  // end solution
}

// 07.2 linear_warmup  a straight line up to base at t = warmup, then base, or (total > 0) half a cosine down to eta_min
// at t = total, and eta_min from there on
// Hint: its name is "LinearWarmup". With warmup = 0 the first branch is never taken, and nothing is divided by 0.
Schedule linear_warmup(Optimizer& optimizer, const LinearWarmupOptions& options) {
  check_at_least("LinearWarmup", "warmup", options.warmup, 0);
  if (!(options.start_factor >= 0 && options.start_factor <= 1)) {
    throw ValueError("LinearWarmup: start_factor is {}, but it must be in [0, 1].", {options.start_factor});
  }
  if (options.total != 0) check_at_least("LinearWarmup", "total", options.total, options.warmup + 1);
  check_not_negative("LinearWarmup", "eta_min", options.eta_min);
  // solution 07.2
  return {"LinearWarmup", optimizer, [o = options](std::int64_t t, double base) {
            if (t < o.warmup) {
              const double progress = static_cast<double>(t) / static_cast<double>(o.warmup);
              return base * (o.start_factor + (1 - o.start_factor) * progress);
            }
            if (o.total == 0) return base;
            const double progress = static_cast<double>(t - o.warmup) / static_cast<double>(o.total - o.warmup);
            return cosine_between(base, o.eta_min, std::min(1.0, progress));
          }};
  // end solution
}

}  // namespace rushlight
