// entropy_opd.cpp: follow a sure teacher in one place, an unsure one everywhere.
#include <cmath>

#include "01_tensor/todo.hpp"
#include "02_activations/activations.hpp"
#include "05_autograd/autograd.hpp"
#include "20_alignment/distillation.hpp"
#include "20_alignment/sequences.hpp"

namespace rushlight {
namespace {

// h_max as it will be used.
double check_entropy(const Tensor& student, const Tensor& teacher, const Mask& mask, const EntropyOpdOptions& options) {
  constexpr const char* op = "entropy_aware_opd_loss";
  check_logits(op, "student", student.shape());
  check_same_shape(op, "teacher", teacher.shape(), student.shape());
  check_mask(op, "mask", {student.dim(0), student.dim(1)}, mask);
  check_above_zero(op, "temperature", options.temperature);
  const double h_max = options.h_max.value_or(std::log(static_cast<double>(student.dim(2))));
  if (options.mode == EntropyMode::blend) {
    check_above_zero(op, "h_max", h_max);
  } else if (options.mode == EntropyMode::gate) {
    check_between(op, "tau", options.tau, 0, 1e9);
    check_between(op, "alpha", options.alpha, 0, 1e9);
    if (options.top_k < 1) throw ValueError("{}: top_k is {}, but must be at least 1.", {op, options.top_k});
  } else {
    throw ValueError("{}: mode is {}, which is neither blend nor gate.", {op, static_cast<int>(options.mode)});
  }
  return h_max;
}

}  // namespace

// 20.5 entropy_aware_opd_loss  student, teacher (B, T, V), mask (B, T), options -> scalar
//   H = -Σ P·log P of the tempered teacher
//   blend:  w·KL(P || S) + (1-w)·KL(S || P),  w = min(max(H/h_max, 0), 1)
//   gate:   KL(S || P) + α·KL(P̃ || S) where H > tau, else KL(S || P);  P̃: the teacher over its top_k alone
// Reduced as batchmean. Errors, and h_max or log V, by check_entropy, which is given.
// Hint: compute H from Arrays: then it cannot be part of the graph. Both KLs stand in kl_elements; mind which of the two
// logarithms is raised to e.
Tensor entropy_aware_opd_loss(const Tensor& student, const Tensor& teacher, const Mask& mask,
                              const EntropyOpdOptions& options) {
  const double h_max = check_entropy(student, teacher, mask, options);
  todo("20.5");
}

}  // namespace rushlight
