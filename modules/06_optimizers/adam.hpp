// adam.hpp: Adam and AdamW, as torch.optim.Adam and torch.optim.AdamW. Step t = 1, 2, ... of a parameter θ with
// gradient g:
//   Adam    g ← g + λθ                           weight_decay λ, coupled: it goes through m and v like the gradient
//   AdamW   θ ← θ - lr·λ·θ                       weight_decay λ, decoupled: it acts on the value alone
//                                                either only when λ is not 0, since 0·∞ is NaN
//   m ← β₁m + (1-β₁)g                            exp_avg
//   v ← β₂v + (1-β₂)g²                           exp_avg_sq
//   m̂ = m/(1-β₁ᵗ),  v̂ = v/(1-β₂ᵗ)                bias correction: m and v started at 0
//   θ ← θ - lr·m̂/(√v̂ + ε)                        ε outside the root
// Source: Kingma and Ba, "Adam: a method for stochastic optimization", 2015, algorithm 1; Loshchilov and Hutter,
// "Decoupled weight decay regularization", 2019, algorithm 2.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "01_tensor/kernel_slot.hpp"
#include "06_optimizers/optimizer.hpp"

namespace rushlight {

struct AdamOptions {
  double lr = 1e-3;
  std::array<double, 2> betas = {0.9, 0.999};
  double eps = 1e-8;
  double weight_decay = 0;

  // 06.4 (adam.cpp)  ValueError when lr, eps or weight_decay is negative or not finite, or a beta is outside [0, 1).
  void check(const std::string& optimizer) const;

  void visit(const OptionVisitor& visit) {
    visit("lr", lr);
    visit("beta1", betas[0]);
    visit("beta2", betas[1]);
    visit("eps", eps);
    visit("weight_decay", weight_decay);
  }
};

// The numbers that one step of one parameter needs; everything that does not depend on the element, worked out once
// and in double precision.
struct AdamStep {
  double beta1 = 0, beta2 = 0;
  double step_size = 0;            // lr / (1 - β₁ᵗ)
  double root_of_correction2 = 1;  // √(1 - β₂ᵗ), so that √v̂ = √v / root_of_correction2
  double eps = 0;
  double decay = 0;   // Adam: λ, added to the gradient as λθ
  double shrink = 0;  // AdamW: lr·λ, taken off θ as lr·λ·θ
};

// One pass over a parameter: changes value, exp_avg and exp_avg_sq (all of grad's shape) in place.
using AdamLoop = void (*)(const AdamStep& step, Array& value, const Array& grad, Array& exp_avg, Array& exp_avg_sq);

void adam_loop(const AdamStep& step, Array& value, const Array& grad, Array& exp_avg, Array& exp_avg_sq);  // 06.4

// Where a faster loop plugs in (modules 18 and 22).
struct AdamKernel {
  AdamLoop forward = nullptr;
};
inline KernelSlot<AdamKernel> adam_slot;

// Remembers "exp_avg" and "exp_avg_sq", in this order.
class Adam : public OptimizerWith<AdamOptions> {
 public:
  explicit Adam(const Tensors& parameters, const AdamOptions& options = {}) : Adam(Groups{{parameters, options}}) {}
  explicit Adam(const Groups& groups) : Adam("Adam", groups) {}

 protected:
  Adam(const char* name, const Groups& groups) : OptimizerWith(name, groups) {}

  virtual AdamStep step_of(int group, std::int64_t t) const;  // 06.4: the numbers of step t = 1, 2, ...

  void update(int group, Array& value, const Array& grad, State& state) override;  // 06.4
  std::vector<std::string> buffer_names(int) const override { return {"exp_avg", "exp_avg_sq"}; }
};

// AdamW's own default for the decay; otherwise the same options.
struct AdamWOptions {
  double lr = 1e-3;
  std::array<double, 2> betas = {0.9, 0.999};
  double eps = 1e-8;
  double weight_decay = 1e-2;
};

// Adam but for where the decay acts.
class AdamW : public Adam {
 public:
  using Groups = std::vector<Group<AdamWOptions>>;

  explicit AdamW(const Tensors& parameters, const AdamWOptions& options = {}) : AdamW(Groups{{parameters, options}}) {}
  explicit AdamW(const Groups& groups) : Adam("AdamW", as_adam(groups)) {}

 protected:
  AdamStep step_of(int group, std::int64_t t) const override;  // 06.5 (adamw.cpp)

 private:
  // Spelled out: nvcc takes Adam::Groups for the Groups of this class.
  static std::vector<Group<AdamOptions>> as_adam(const Groups& groups) {
    std::vector<Group<AdamOptions>> result;
    for (const auto& [parameters, o] : groups) result.push_back({parameters, {o.lr, o.betas, o.eps, o.weight_decay}});
    return result;
  }
};

}  // namespace rushlight
