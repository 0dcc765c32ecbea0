// sgd.hpp: stochastic gradient descent, as torch.optim.SGD. One step of a parameter θ with gradient g:
//   g ← g + λθ                                   weight_decay λ; only when it is not 0, since 0·∞ is NaN
//   b ← g  at the first step,  b ← μb + (1-τ)g  at later ones        momentum μ, dampening τ; only when μ is not 0
//   g ← g + μb  with nesterov,  g ← b  without                       only when μ is not 0
//   θ ← θ - lr·g
// Source: Sutskever, Martens, Dahl, Hinton, "On the importance of initialization and momentum in deep learning", 2013;
// as PyTorch does it, the velocity b is not multiplied by the learning rate.
#pragma once

#include <string>
#include <vector>

#include "01_tensor/kernel_slot.hpp"
#include "06_optimizers/optimizer.hpp"

namespace rushlight {

struct SGDOptions {
  double lr = 1e-3;
  double momentum = 0;
  double dampening = 0;
  double weight_decay = 0;
  bool nesterov = false;

  // 06.2 (sgd.cpp)  ValueError when lr, momentum or weight_decay is negative or not finite, when dampening is not
  // finite, or when nesterov comes without momentum or with dampening.
  void check(const std::string& optimizer) const;

  void visit(const OptionVisitor& visit) {
    visit("lr", lr);
    visit("momentum", momentum);
    visit("dampening", dampening);
    visit("weight_decay", weight_decay);
    visit_switch(visit, "nesterov", nesterov);
  }
};

// The numbers that one step of one parameter needs.
struct SGDStep {
  double lr = 0;
  double momentum = 0;
  double take = 1;  // how much of the gradient enters the velocity: 1 at the first step, 1 - τ at later ones
  double decay = 0;
  bool nesterov = false;
};

// One pass over a parameter: changes value and velocity (both of grad's shape) in place. No velocity: null.
using SGDLoop = void (*)(const SGDStep& step, Array& value, const Array& grad, Array* velocity);

void sgd_loop(const SGDStep& step, Array& value, const Array& grad, Array* velocity);  // 06.2

// Where another loop plugs in.
struct SGDKernel {
  SGDLoop forward = nullptr;
};
inline KernelSlot<SGDKernel> sgd_slot;

// Remembers "momentum_buffer" per parameter, and nothing where momentum is 0.
class SGD : public OptimizerWith<SGDOptions> {
 public:
  explicit SGD(const Tensors& parameters, const SGDOptions& options = {}) : SGD(Groups{{parameters, options}}) {}
  explicit SGD(const Groups& groups) : OptimizerWith("SGD", groups) {}

 protected:
  void update(int group, Array& value, const Array& grad, State& state) override;  // 06.2
  std::vector<std::string> buffer_names(int group) const override {
    if (options(group).momentum == 0) return {};
    return {"momentum_buffer"};
  }
};

}  // namespace rushlight
