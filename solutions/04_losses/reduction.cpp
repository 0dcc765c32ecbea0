// reduction.cpp: how the losses of a batch become one number. Every loss ends here.
#include "01_tensor/todo.hpp"
#include "04_losses/losses.hpp"

namespace rushlight {

// 04.1 reduce_loss  losses (any shape), reduction, count -> losses, or a scalar: sum / count, or sum
// Hint: Tensor arithmetic: its derivative comes with it. 0 / 0 is the NaN that a mean over nothing should be.
Tensor reduce_loss(const Tensor& losses, Reduction reduction, std::int64_t count) {
  if (reduction == Reduction::none) return losses;
  if (reduction == Reduction::mean && count == losses.size()) return mean(losses);
  const Tensor total = sum(losses);
  return reduction == Reduction::sum ? total : total / Tensor(static_cast<Real>(count));
}

}  // namespace rushlight
