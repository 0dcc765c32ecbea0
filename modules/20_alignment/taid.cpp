// taid.cpp: a target that stands between the student and its teacher.
#include <limits>

#include "01_tensor/todo.hpp"
#include "02_activations/activations.hpp"
#include "05_autograd/autograd.hpp"
#include "20_alignment/distillation.hpp"
#include "20_alignment/sequences.hpp"

namespace rushlight {

// 20.4 taid_loss  student, teacher (B, T, V), t, mask (B, T) -> scalar
//   p = softmax((1-t)·student + t·teacher), a constant;  the masked mean of -Σ_v p·log softmax(student)
// Summands with an infinite student logit are 0. Errors: check_logits, check_same_shape, check_mask, check_between.
// Hint: detach the student inside the target, else a second gradient comes back through it. Mix logits, not
// probabilities; do not subtract the entropy of p.
Tensor taid_loss(const Tensor& student, const Tensor& teacher, double t, const Mask& mask) {
  todo("20.4");
}

}  // namespace rushlight
