// more.hpp: the amsgrad=True of torch.optim.Adam and AdamW. Given.
#pragma once

#include "06_optimizers/adam.hpp"

namespace rushlight {

// As adam_loop, but the root is taken of w, the largest v so far, so that a large gradient is not forgotten:
//   w ← max(w, v),  θ ← (1 - shrink)·θ - step_size·m/(√w/root_of_correction2 + ε)
// Source: Reddi, Kale and Kumar, "On the convergence of Adam and beyond", 2018, algorithm 2; the bias is corrected after
// the maximum, as PyTorch does it. Computed on the CPU.
void amsgrad_loop(const AdamStep& step, Array& value, const Array& grad, Array& exp_avg, Array& exp_avg_sq,
                  Array& max_exp_avg_sq);

// AMSGrad<Adam> or AMSGrad<AdamW>: that optimizer with its options, and this loop. Remembers "exp_avg", "exp_avg_sq" and
// "max_exp_avg_sq", in this order; its name in messages and checkpoints is the other's.
template <class Base>
class AMSGrad : public Base {
 public:
  using Base::Base;

 protected:
  void update(int group, Array& value, const Array& grad, Optimizer::State& state) override {
    Arrays& buffers = state.buffers;
    amsgrad_loop(this->step_of(group, state.step), value, grad, buffers[0], buffers[1], buffers[2]);
  }
  std::vector<std::string> buffer_names(int) const override { return {"exp_avg", "exp_avg_sq", "max_exp_avg_sq"}; }
};

}  // namespace rushlight
