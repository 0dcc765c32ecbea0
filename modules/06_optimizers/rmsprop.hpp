// rmsprop.hpp: RMSprop, as torch.optim.RMSprop. One step of a parameter θ with gradient g:
//   g ← g + λθ                                   weight_decay λ; only when it is not 0, since 0·∞ is NaN
//   v ← αv + (1-α)g²                             square_avg: a running mean of the squared gradient
//   m ← αm + (1-α)g,  s = √(v - m²)              centered: divide by the deviation instead;  s = √v otherwise.
//                                                Where v - m² < 0 it counts as 0
//   θ ← θ - lr·g/(s + ε)                         without momentum
//   b ← μb + g/(s + ε),  θ ← θ - lr·b            with momentum μ
// Source: Tieleman and Hinton, lecture 6.5 of "Neural Networks for Machine Learning", 2012; centered: Graves,
// "Generating sequences with recurrent neural networks", 2013. ε is added outside the root, as in PyTorch.
#pragma once

#include <string>
#include <vector>

#include "01_tensor/kernel_slot.hpp"
#include "06_optimizers/optimizer.hpp"

namespace rushlight {

struct RMSpropOptions {
  double lr = 1e-2;
  double alpha = 0.99;
  double eps = 1e-8;
  double weight_decay = 0;
  double momentum = 0;
  bool centered = false;

  // 06.3 (rmsprop.cpp)  ValueError when lr, eps, weight_decay or momentum is negative or not finite, or when alpha is
  // outside [0, 1).
  void check(const std::string& optimizer) const;

  void visit(const OptionVisitor& visit) {
    visit("lr", lr);
    visit("alpha", alpha);
    visit("eps", eps);
    visit("weight_decay", weight_decay);
    visit("momentum", momentum);
    visit_switch(visit, "centered", centered);
  }
};

// One pass over a parameter: changes value, square_avg, grad_avg and velocity (all of grad's shape) in place. grad_avg is
// null unless centered, velocity where there is no momentum.
using RMSpropLoop = void (*)(const RMSpropOptions& options, Array& value, const Array& grad, Array& square_avg,
                             Array* grad_avg, Array* velocity);

void rmsprop_loop(const RMSpropOptions& options, Array& value, const Array& grad, Array& square_avg, Array* grad_avg,
                  Array* velocity);  // 06.3

// Where another loop plugs in.
struct RMSpropKernel {
  RMSpropLoop forward = nullptr;
};
inline KernelSlot<RMSpropKernel> rmsprop_slot;

// Remembers, in this order: "square_avg"; "grad_avg" if centered; "momentum_buffer" if momentum is not 0.
class RMSprop : public OptimizerWith<RMSpropOptions> {
 public:
  explicit RMSprop(const Tensors& parameters, const RMSpropOptions& options = {})
      : RMSprop(Groups{{parameters, options}}) {}
  explicit RMSprop(const Groups& groups) : OptimizerWith("RMSprop", groups) {}

 protected:
  void update(int group, Array& value, const Array& grad, State& state) override;  // 06.3
  std::vector<std::string> buffer_names(int group) const override {
    std::vector<std::string> names = {"square_avg"};
    if (options(group).centered) names.push_back("grad_avg");
    if (options(group).momentum != 0) names.push_back("momentum_buffer");
    return names;
  }
};

}  // namespace rushlight
