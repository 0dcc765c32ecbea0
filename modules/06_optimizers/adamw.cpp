// adamw.cpp: Adam whose weight decay acts on the weights, not on the gradient.
#include "01_tensor/todo.hpp"
#include "06_optimizers/adam.hpp"

namespace rushlight {

// 06.5 AdamW::step_of  group, t -> Adam's numbers of step t, but decay = 0 and shrink = lr·λ
//   θ ← θ·(1 - lr·λ), then Adam's step with the bare gradient. A schedule that lowers lr lowers the decay with it.
// Hint: Adam::step_of(group, t) gives you the rest.
AdamStep AdamW::step_of(int group, std::int64_t t) const {
  todo("06.5");
}

}  // namespace rushlight
