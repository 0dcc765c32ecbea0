// more.hpp: clipping by other norms, and the one-cycle schedule. Given. As torch.nn.utils.clip_grad_norm_ with a norm_type
// and torch.optim.lr_scheduler.OneCycleLR.
#pragma once

#include <cstdint>

#include "07_training/clip.hpp"
#include "07_training/schedule.hpp"

namespace rushlight {

// (Σ |g|^norm_type)^(1/norm_type) over all elements of all gradients, in double precision; the largest |g| for infinity.
// 1 is the sum of absolutes, 2 is grad_norm(parameters). A NaN comes through. Without any gradient it is 0. Throws
// ValueError unless norm_type > 0 (PyTorch takes 0 and below, too). Looks at the gradients on the CPU.
double grad_norm(const Tensors& parameters, double norm_type);

// clip_grad_norm of clip.hpp, by that norm: the same factor, the same care for gradients and for norms that are not
// finite. Throws ValueError unless max_norm > 0, and norm_type > 0; before anything is changed.
double clip_grad_norm(const Tensors& parameters, double max_norm, double norm_type, const ClipOptions& options = {});

enum class Anneal : std::uint8_t { cos, linear };

struct OneCycleLROptions {
  double max_lr = 0;                     // the peak, of every group; above 0
  std::int64_t total_steps = 0;          // at least 1
  double pct_start = 0.3;                // the part of the steps that rises; in [0, 1]
  Anneal anneal_strategy = Anneal::cos;  // how it goes from one rate to the next
  double div_factor = 25;                // begins at max_lr / div_factor; above 0
  double final_div_factor = 1e4;         // ends at the beginning's rate / final_div_factor; above 0
  bool three_phase = false;              // falls to the beginning's rate as long as it rose, and then to the end's
};

// Up to max_lr in pct_start · total_steps - 1 steps, then down until step total_steps - 1; the group's own rate does not
// count. Source: Smith and Topin, "Super-convergence: very fast training of neural networks using large learning rates",
// 2018. Differs from PyTorch: momentum stays as it is (PyTorch: cycle_momentum=False), one max_lr for all groups, a
// phase of no steps ends at once (PyTorch divides by 0). Throws ValueError for an option out of range, and at a step
// beyond total_steps.
Schedule one_cycle_lr(Optimizer& optimizer, const OneCycleLROptions& options);

}  // namespace rushlight
