// more_schedule.cpp: given. Once up and down again, in straight lines or half cosines.
#include <cmath>
#include <numbers>
#include <vector>

#include "07_training/more.hpp"

namespace rushlight {
namespace {

struct CyclePhase {
  double last_step, from, to;
};

std::vector<CyclePhase> cycle_phases(const OneCycleLROptions& o) {
  const double low = o.max_lr / o.div_factor, end = low / o.final_div_factor;
  const double rise = o.pct_start * static_cast<double>(o.total_steps) - 1;
  const double last = static_cast<double>(o.total_steps) - 1;
  if (!o.three_phase) return {{rise, low, o.max_lr}, {last, o.max_lr, end}};
  return {{rise, low, o.max_lr}, {2 * rise, o.max_lr, low}, {last, low, end}};
}

double annealed(Anneal strategy, double from, double to, double progress) {
  if (strategy == Anneal::linear) return from + (to - from) * progress;
  return to + (from - to) / 2 * (1 + std::cos(std::numbers::pi * progress));
}

double one_cycle_at(const OneCycleLROptions& o, const std::vector<CyclePhase>& phases, std::int64_t t) {
  if (t > o.total_steps) {
    throw ValueError("OneCycleLR: step {} is beyond its total_steps, {}.", {t, o.total_steps});
  }
  double first = 0;
  std::size_t i = 0;
  for (; i + 1 < phases.size() && static_cast<double>(t) > phases[i].last_step; ++i) first = phases[i].last_step;
  const double steps = phases[i].last_step - first;
  const double progress = steps == 0 ? 1 : (static_cast<double>(t) - first) / steps;
  return annealed(o.anneal_strategy, phases[i].from, phases[i].to, progress);
}

void check_positive(const char* option, double value) {
  if (value > 0 && std::isfinite(value)) return;
  throw ValueError("OneCycleLR: {} is {}, but it must be finite and above 0.", {option, value});
}

}  // namespace

Schedule one_cycle_lr(Optimizer& optimizer, const OneCycleLROptions& options) {
  check_positive("max_lr", options.max_lr);
  check_positive("div_factor", options.div_factor);
  check_positive("final_div_factor", options.final_div_factor);
  if (options.total_steps < 1) {
    throw ValueError("OneCycleLR: total_steps is {}, but it must be at least 1.", {options.total_steps});
  }
  if (!(options.pct_start >= 0 && options.pct_start <= 1)) {
    throw ValueError("OneCycleLR: pct_start is {}, but it must be in [0, 1].", {options.pct_start});
  }
  return {"OneCycleLR", optimizer, [options, phases = cycle_phases(options)](std::int64_t t, double) {
            return one_cycle_at(options, phases, t);
          }};
}

}  // namespace rushlight
