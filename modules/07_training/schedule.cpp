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

}  // namespace

// 07.2 Schedule::step  t ← t + 1;  group g's learning rate ← lr_at(t, base_lrs_[g])
// Hint: optimizer_.set_lr(group, lr).
void Schedule::step() {
  todo("07.2");
}

// 07.2 Schedule::state_dict  -> {name_, steps_, base_lrs_}
// Hint: the options are not in it: they are in the program.
ScheduleState Schedule::state_dict() const {
  todo("07.2");
}

// 07.2 Schedule::load_state_dict  the inverse;  ValueError when the kind or the number of groups differs, steps < 0, or a
// base rate is negative or not finite
// Hint: first look at everything, then assign. check_not_negative(name_, "base_lr", rate) does one rate.
void Schedule::load_state_dict(const ScheduleState& state) {
  todo("07.2");
}

// 07.2 step_lr  lr(t, base) = base · gamma^⌊t / step_size⌋
// Hint: a Schedule of the name "StepLR" with a lambda that captures the options by value.
Schedule step_lr(Optimizer& optimizer, const StepLROptions& options) {
  check_at_least("StepLR", "step_size", options.step_size, 1);
  check_above_zero("StepLR", "gamma", options.gamma);
  todo("07.2");
}

// 07.2 exponential_lr  lr(t, base) = base · gammaᵗ
// Hint: its name is "ExponentialLR".
Schedule exponential_lr(Optimizer& optimizer, const ExponentialLROptions& options) {
  check_above_zero("ExponentialLR", "gamma", options.gamma);
  todo("07.2");
}

// 07.2 cosine_annealing_lr  lr(t, base) = eta_min + (base - eta_min)·(1 + cos(π·t / T_max)) / 2
// Hint: its name is "CosineAnnealingLR".
Schedule cosine_annealing_lr(Optimizer& optimizer, const CosineAnnealingLROptions& options) {
  check_at_least("CosineAnnealingLR", "T_max", options.T_max, 1);
  check_not_negative("CosineAnnealingLR", "eta_min", options.eta_min);
  todo("07.2");
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
  todo("07.2");
}

}  // namespace rushlight
