// taid_scheduler.cpp: how fast the teacher walks ahead.
#include <algorithm>
#include <cmath>

#include "01_tensor/todo.hpp"
#include "20_alignment/distillation.hpp"
#include "20_alignment/sequences.hpp"

namespace rushlight {

TAIDScheduler::TAIDScheduler(const TAIDSchedulerOptions& options) : options_(options), state_{.t = options.t_start} {
  constexpr const char* op = "TAIDScheduler";
  if (options.steps < 1) throw ValueError("{}: steps is {}, but must be at least 1.", {op, options.steps});
  check_between(op, "t_end", options.t_end, 0, 1);
  check_between(op, "t_start", options.t_start, 0, options.t_end);
  check_between(op, "alpha", options.alpha, 0, 1);
  check_between(op, "beta", options.beta, 0, 1);
}

// 20.4 TAIDScheduler::update  loss, step -> t
//   c = (previous - loss)/(previous + 1e-15);  m ← β·m + (1-β)·c;  δ = α·σ(m)·(1-t)
//   line = t_start + (t_end - t_start)·step/steps;  t ← min(t_end, max(line, t + δ)), or min(t_end, line)
// The first call only notes the loss. ValueError when loss is not finite.
// Hint: everything in double; state_.previous_loss is empty before the first call. c is relative to the previous loss.
double TAIDScheduler::update(double loss, std::int64_t step) {
  todo("20.4");
}

}  // namespace rushlight
