// schedule.cpp: large steps while far away, small ones near the end.
#include "07_training/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "01_tensor/todo.hpp"

namespace rushlight {
namespace {  // solution

void check_at_least(const char* schedule, const char* option, std::int64_t value, std::int64_t least) {
  if (value >= least) return;
  throw ValueError("{}: {} is {}, but it must be at least {}.", {schedule, option, value, least});
}

void check_above_zero(const char* schedule, const char* option, double value) {
  if (value > 0 && std::isfinite(value)) return;
  throw ValueError("{}: {} is {}, but it must be finite and above 0.", {schedule, option, value});
}

// From `high` at progress 0 to `low` at progress 1, flat at both ends.
double cosine_between(double high, double low, double progress) {
  return low + (high - low) * (1 + std::cos(std::numbers::pi * progress)) / 2;
}

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

// 07.2 Schedule::load_state_dict  the inverse;  ValueError when the kind or the number of groups differs, or steps < 0
// Hint: first look at everything, then assign.
void Schedule::load_state_dict(const ScheduleState& state) {
  if (state.schedule != name_) {
    throw ValueError("{}: the state is that of a {}. Build the schedule that was saved.", {name_, state.schedule});
  }
  if (state.base_lrs.size() != base_lrs_.size()) {
    throw ValueError("{}: the state has {} groups, the optimizer {}.",
                     {name_, state.base_lrs.size(), base_lrs_.size()});
  }
  check_at_least(name_.c_str(), "steps", state.steps, 0);
  steps_ = state.steps;
  base_lrs_ = state.base_lrs;
}

// 07.2 StepLROptions::check  step_size >= 1, gamma finite and > 0
// Hint: as the other three checks: write the comparison once, in a helper that throws.
void StepLROptions::check() const {
  check_at_least("StepLR", "step_size", step_size, 1);
  check_above_zero("StepLR", "gamma", gamma);
}

// 07.2 StepLR::lr_at  base · gamma^⌊t / step_size⌋
// Hint: the division of two integers rounds down by itself.
double StepLR::lr_at(std::int64_t t, double base) const {
  return base * std::pow(options_.gamma, static_cast<double>(t / options_.step_size));
}

// 07.2 ExponentialLROptions::check  gamma finite and > 0
// Hint: as above.
void ExponentialLROptions::check() const { check_above_zero("ExponentialLR", "gamma", gamma); }

// 07.2 ExponentialLR::lr_at  base · gammaᵗ
// Hint: std::pow.
double ExponentialLR::lr_at(std::int64_t t, double base) const {
  return base * std::pow(options_.gamma, static_cast<double>(t));
}

// 07.2 CosineAnnealingLROptions::check  T_max >= 1, eta_min finite and >= 0
// Hint: check_not_negative of module 06 does the second.
void CosineAnnealingLROptions::check() const {
  check_at_least("CosineAnnealingLR", "T_max", T_max, 1);
  check_not_negative("CosineAnnealingLR", "eta_min", eta_min);
}

// 07.2 CosineAnnealingLR::lr_at  eta_min + (base - eta_min)·(1 + cos(π·t/T_max))/2, also beyond T_max
// Hint: t/T_max is a fraction: divide doubles.
double CosineAnnealingLR::lr_at(std::int64_t t, double base) const {
  return cosine_between(base, options_.eta_min, static_cast<double>(t) / static_cast<double>(options_.T_max));
}

// 07.2 WarmupOptions::check  warmup >= 0, start_factor in [0, 1], total 0 or above warmup, eta_min finite and >= 0
// Hint: the messages begin with "LinearWarmup".
void WarmupOptions::check() const {
  check_at_least("LinearWarmup", "warmup", warmup, 0);
  if (!(start_factor >= 0 && start_factor <= 1)) {
    throw ValueError("LinearWarmup: start_factor is {}, but it must be in [0, 1].", {start_factor});
  }
  if (total != 0) check_at_least("LinearWarmup", "total", total, warmup + 1);
  check_not_negative("LinearWarmup", "eta_min", eta_min);
}

// 07.2 LinearWarmup::lr_at  a straight line up to base at t = warmup, then base, or (total > 0) half a cosine down to
// eta_min at t = total, and eta_min from there on
// Hint: with warmup = 0 the first branch is never taken, and nothing is divided by 0.
double LinearWarmup::lr_at(std::int64_t t, double base) const {
  const WarmupOptions& o = options_;
  if (t < o.warmup) {
    const double progress = static_cast<double>(t) / static_cast<double>(o.warmup);
    return base * (o.start_factor + (1 - o.start_factor) * progress);
  }
  if (o.total == 0) return base;
  const double progress = static_cast<double>(t - o.warmup) / static_cast<double>(o.total - o.warmup);
  return cosine_between(base, o.eta_min, std::min(1.0, progress));
}

}  // namespace rushlight
