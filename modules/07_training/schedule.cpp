// schedule.cpp: large steps while far away, small ones near the end.
#include "07_training/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "01_tensor/todo.hpp"

namespace rushlight {

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

// 07.2 Schedule::load_state_dict  the inverse;  ValueError when the kind or the number of groups differs, or steps < 0
// Hint: first look at everything, then assign.
void Schedule::load_state_dict(const ScheduleState& state) {
  todo("07.2");
}

// 07.2 StepLROptions::check  step_size >= 1, gamma finite and > 0
// Hint: as the other three checks: write the comparison once, in a helper that throws.
void StepLROptions::check() const {
  todo("07.2");
}

// 07.2 StepLR::lr_at  base · gamma^⌊t / step_size⌋
// Hint: the division of two integers rounds down by itself.
double StepLR::lr_at(std::int64_t t, double base) const {
  todo("07.2");
}

// 07.2 ExponentialLROptions::check  gamma finite and > 0
// Hint: as above.
void ExponentialLROptions::check() const {
  todo("07.2");
}

// 07.2 ExponentialLR::lr_at  base · gammaᵗ
// Hint: std::pow.
double ExponentialLR::lr_at(std::int64_t t, double base) const {
  todo("07.2");
}

// 07.2 CosineAnnealingLROptions::check  T_max >= 1, eta_min finite and >= 0
// Hint: check_not_negative of module 06 does the second.
void CosineAnnealingLROptions::check() const {
  todo("07.2");
}

// 07.2 CosineAnnealingLR::lr_at  eta_min + (base - eta_min)·(1 + cos(π·t/T_max))/2, also beyond T_max
// Hint: t/T_max is a fraction: divide doubles.
double CosineAnnealingLR::lr_at(std::int64_t t, double base) const {
  todo("07.2");
}

// 07.2 WarmupOptions::check  warmup >= 0, start_factor in [0, 1], total 0 or above warmup, eta_min finite and >= 0
// Hint: the messages begin with "LinearWarmup".
void WarmupOptions::check() const {
  todo("07.2");
}

// 07.2 LinearWarmup::lr_at  a straight line up to base at t = warmup, then base, or (total > 0) half a cosine down to
// eta_min at t = total, and eta_min from there on
// Hint: with warmup = 0 the first branch is never taken, and nothing is divided by 0.
double LinearWarmup::lr_at(std::int64_t t, double base) const {
  todo("07.2");
}

}  // namespace rushlight
