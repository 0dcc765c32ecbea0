// taid.cpp: a target that stands between the student and its teacher.
#include <limits>

#include "01_tensor/todo.hpp"
#include "02_activations/activations.hpp"
#include "05_autograd/autograd.hpp"
#include "20_alignment/distillation.hpp"
#include "20_alignment/sequences.hpp"

namespace rushlight {
namespace {  // solution

// (1-t)·a + t·b; at the ends exactly one of them, since 0 times an infinite logit would be NaN.
Tensor mixed(const Tensor& a, const Tensor& b, double t) {
  if (t == 0) return a;
  if (t == 1) return b;
  return Tensor(static_cast<Real>(1 - t)) * a + Tensor(static_cast<Real>(t)) * b;
}

Mask is_finite(const Array& x) { return less(abs(x), Array::scalar(std::numeric_limits<Real>::infinity())); }

}  // namespace

// 20.4 taid_loss  student, teacher (B, T, V), t, mask (B, T) -> scalar
//   p = softmax((1-t)·student + t·teacher), a constant;  the masked mean of -Σ_v p·log softmax(student)
// Summands with an infinite student logit are 0. Errors: check_logits, check_same_shape, check_mask, check_between.
// Hint: detach the student inside the target, else a second gradient comes back through it. Mix logits, not
// probabilities; do not subtract the entropy of p.
Tensor taid_loss(const Tensor& student, const Tensor& teacher, double t, const Mask& mask) {
  check_logits("taid_loss", "student", student.shape());
  check_same_shape("taid_loss", "teacher", teacher.shape(), student.shape());
  check_mask("taid_loss", "mask", {student.dim(0), student.dim(1)}, mask);
  check_between("taid_loss", "t", t, 0, 1);
  const Tensor z = keep_tokens(student, mask), constant = keep_tokens(teacher.detach(), mask);
  const Tensor target = softmax(mixed(z.detach(), constant, t));
  const Tensor summands = where(is_finite(z.value()), target * log_softmax(z), Tensor(Real{0}));
  return masked_mean(-sum(summands, {-1}), mask);
}

}  // namespace rushlight
