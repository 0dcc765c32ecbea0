// schedule.hpp: learning rates that change as training goes on, as torch.optim.lr_scheduler. A schedule remembers the
// learning rate that each group had when it was made (base), and counts how often it was stepped (t). Its rule is a
// closed formula lr(t); PyTorch applies some of them as a product step by step, which differs in rounding only.
//
//   optimizer.step();   // first the step, with the old rate,
//   schedule.step();    // then the schedule: once per epoch or once per step, as the formula's t is meant
#pragma once

#include <cstdint>
#include <string>
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
  virtual ~Schedule() = default;
  Schedule(const Schedule&) = delete;
  Schedule& operator=(const Schedule&) = delete;

  // The rate after t steps of a group that began with `base`. t >= 0.
  virtual double lr_at(std::int64_t t, double base) const = 0;

  // --- 07.2 (schedule.cpp) --------------------------------------------------------------------------------------

  void step();  // t goes up by one, and every group of the optimizer gets its lr_at(t, base)

  ScheduleState state_dict() const;
  // ValueError, and nothing changed, when it is of another kind of schedule or another number of groups. Does not
  // touch the optimizer: its learning rates are in the optimizer's own state.
  void load_state_dict(const ScheduleState& state);

  // --- given ----------------------------------------------------------------------------------------------------

  std::int64_t steps() const { return steps_; }  // PyTorch's last_epoch

 protected:
  Schedule(std::string name, Optimizer& optimizer) : name_(std::move(name)), optimizer_(optimizer) {
    for (int group = 0; group < optimizer.group_count(); ++group) base_lrs_.push_back(optimizer.lr(group));
  }

  void start() {  // the last thing in every constructor: the rate at t = 0
    for (int group = 0; group < optimizer_.group_count(); ++group) optimizer_.set_lr(group, lr_at(0, base_lrs_[group]));
  }

 private:
  std::string name_;
  Optimizer& optimizer_;
  std::vector<double> base_lrs_;
  std::int64_t steps_ = 0;
};

struct StepLROptions {
  std::int64_t step_size = 1;  // at least 1
  double gamma = 0.1;          // above 0
  void check() const;          // 07.2, as each check() below: ValueError that names schedule, option and value
};

// lr = base · gamma^⌊t / step_size⌋
class StepLR : public Schedule {
 public:
  StepLR(Optimizer& optimizer, const StepLROptions& options) : Schedule("StepLR", optimizer), options_(options) {
    options_.check();
    start();
  }
  double lr_at(std::int64_t t, double base) const override;  // 07.2

 private:
  StepLROptions options_;
};

struct ExponentialLROptions {
  double gamma = 0.9;  // above 0
  void check() const;
};

// lr = base · gammaᵗ
class ExponentialLR : public Schedule {
 public:
  ExponentialLR(Optimizer& optimizer, const ExponentialLROptions& options)
      : Schedule("ExponentialLR", optimizer), options_(options) {
    options_.check();
    start();
  }
  double lr_at(std::int64_t t, double base) const override;  // 07.2

 private:
  ExponentialLROptions options_;
};

struct CosineAnnealingLROptions {
  std::int64_t T_max = 1;  // half a period; at least 1
  double eta_min = 0;      // the lowest rate, at t = T_max; not negative
  void check() const;
};

// lr = eta_min + (base - eta_min) · (1 + cos(π·t / T_max)) / 2;  after T_max it rises again, as PyTorch's does.
// Source: Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017, equation 5.
class CosineAnnealingLR : public Schedule {
 public:
  CosineAnnealingLR(Optimizer& optimizer, const CosineAnnealingLROptions& options)
      : Schedule("CosineAnnealingLR", optimizer), options_(options) {
    options_.check();
    start();
  }
  double lr_at(std::int64_t t, double base) const override;  // 07.2

 private:
  CosineAnnealingLROptions options_;
};

struct WarmupOptions {
  std::int64_t warmup = 0;  // steps of the ramp; not negative
  double start_factor = 0;  // where the ramp begins, as a part of base: in [0, 1]
  std::int64_t total = 0;   // 0: stay at base after the ramp. Otherwise above warmup: cosine from base to eta_min there
  double eta_min = 0;       // reached at t = total and kept; not negative
  void check() const;
};

// lr = base · (start_factor + (1 - start_factor) · t / warmup)                                  for t < warmup
//      base                                                                                     then, if total is 0
//      eta_min + (base - eta_min) · (1 + cos(π·u)) / 2,  u = min(1, (t - warmup)/(total - warmup))     otherwise
// As PyTorch's SequentialLR of LinearLR and CosineAnnealingLR, but it stays at eta_min after the end.
class LinearWarmup : public Schedule {
 public:
  LinearWarmup(Optimizer& optimizer, const WarmupOptions& options)
      : Schedule("LinearWarmup", optimizer), options_(options) {
    options_.check();
    start();
  }
  double lr_at(std::int64_t t, double base) const override;  // 07.2

 private:
  WarmupOptions options_;
};

}  // namespace rushlight
