// schedule.hpp: learning rates that change as training goes on, as torch.optim.lr_scheduler. A schedule remembers the
// learning rate that each group had when it was made (base), and counts how often it was stepped (t). Its rule is a
// closed formula lr(t, base); PyTorch applies some of them as a product step by step, which differs in rounding only.
//
//   optimizer.step();   // first the step, with the old rate,
//   schedule.step();    // then the schedule: once per epoch or once per step, as the formula's t is meant
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "06_optimizers/optimizer.hpp"

namespace rushlight {

// What a checkpoint keeps of a schedule.
struct ScheduleState {
  std::string schedule;  // "StepLR", ...
  std::int64_t steps = 0;
  std::vector<double> base_lrs;
};

class Schedule {
 public:
  // The rate after t steps of a group that began with `base`. t >= 0.
  using Formula = std::function<double(std::int64_t t, double base)>;

  // Given: notes every group's rate as its base and sets the one of t = 0. The optimizer must outlive the schedule.
  Schedule(std::string name, Optimizer& optimizer, Formula formula)
      : name_(std::move(name)), optimizer_(optimizer), formula_(std::move(formula)) {
    for (int group = 0; group < optimizer.group_count(); ++group) {
      base_lrs_.push_back(optimizer.lr(group));
      optimizer.set_lr(group, lr_at(0, base_lrs_.back()));
    }
  }

  Schedule(const Schedule&) = delete;  // two of them would step one optimizer
  Schedule& operator=(const Schedule&) = delete;

  double lr_at(std::int64_t t, double base) const { return formula_(t, base); }
  std::int64_t steps() const { return steps_; }  // PyTorch's last_epoch

  // --- 07.2 (schedule.cpp) --------------------------------------------------------------------------------------

  void step();  // t goes up by one, and every group of the optimizer gets its lr_at(t, base)

  ScheduleState state_dict() const;
  // ValueError, and nothing changed, when it is of another kind of schedule or another number of groups, or holds a
  // negative step or a base rate that is negative or not finite. Does not touch the optimizer: its learning rates are in
  // the optimizer's own state.
  void load_state_dict(const ScheduleState& state);

 private:
  std::string name_;
  Optimizer& optimizer_;
  Formula formula_;
  std::vector<double> base_lrs_;
  std::int64_t steps_ = 0;
};

// --- 07.2 the formulas (schedule.cpp) -----------------------------------------------------------------------------

// Each throws ValueError that names schedule, option and value when an option is out of range.

struct StepLROptions {
  std::int64_t step_size = 1;  // at least 1
  double gamma = 0.1;          // above 0
};

// lr = base · gamma^⌊t / step_size⌋
Schedule step_lr(Optimizer& optimizer, const StepLROptions& options);

struct ExponentialLROptions {
  double gamma = 0.9;  // above 0
};

// lr = base · gammaᵗ
Schedule exponential_lr(Optimizer& optimizer, const ExponentialLROptions& options);

struct CosineAnnealingLROptions {
  std::int64_t T_max = 1;  // half a period; at least 1
  double eta_min = 0;      // the lowest rate, at t = T_max; not negative
};

// lr = eta_min + (base - eta_min) · (1 + cos(π·t / T_max)) / 2;  after T_max it rises again, as PyTorch's does.
// Source: Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017, equation 5.
Schedule cosine_annealing_lr(Optimizer& optimizer, const CosineAnnealingLROptions& options);

struct LinearWarmupOptions {
  std::int64_t warmup = 0;  // steps of the ramp; not negative
  double start_factor = 0;  // where the ramp begins, as a part of base: in [0, 1]
  std::int64_t total = 0;   // 0: stay at base after the ramp. Otherwise above warmup: cosine from base to eta_min there
  double eta_min = 0;       // reached at t = total and kept; not negative
};

// lr = base · (start_factor + (1 - start_factor) · t / warmup)                                  for t < warmup
//      base                                                                                     then, if total is 0
//      eta_min + (base - eta_min) · (1 + cos(π·u)) / 2,  u = min(1, (t - warmup)/(total - warmup))     otherwise
// As PyTorch's SequentialLR of LinearLR and CosineAnnealingLR, but it stays at eta_min after the end.
Schedule linear_warmup(Optimizer& optimizer, const LinearWarmupOptions& options);

}  // namespace rushlight
