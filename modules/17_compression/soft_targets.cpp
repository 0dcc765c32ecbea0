// soft_targets.cpp: what a teacher knows beyond the labels.
#include "17_compression/soft_targets.hpp"

#include <cmath>

#include "01_tensor/todo.hpp"
#include "02_activations/activations.hpp"
#include "03_layers/linear.hpp"

namespace rushlight {
namespace {

void check_soft_targets(const Tensor& student, const Tensor& teacher, double temperature) {
  if (student.shape() != teacher.shape() || student.rank() == 0 || student.size() == 0) {
    throw ShapeError("soft_target_loss: student {} and teacher {} must be equal, (..., classes), and not empty.",
                     {student.shape(), teacher.shape()});
  }
  if (!(temperature > 0 && std::isfinite(temperature))) {
    throw ValueError("soft_target_loss: temperature is {}, but it must be above 0 and finite.", {temperature});
  }
}

}  // namespace

// 17.6 soft_target_loss  student, teacher (..., C), T -> ();  T²·mean over rows of Σ_c p·(log p - log q)
//   p = softmax(teacher/T), constant;  q = softmax(student/T);  where p is 0 the term is 0, whatever the logarithms are
// Hint: log_softmax of both; p is exp of the teacher's; where() selects. mean() over all numbers divides by C, too: divide by the rows.
Tensor soft_target_loss(const Tensor& student, const Tensor& teacher, double temperature) {
  check_soft_targets(student, teacher, temperature);
  todo("17.6");
}

// 17.6 distill_loss  student, teacher (..., C), labels (...) -> ();  alpha·soft + (1 - alpha)·cross_entropy
// A term of weight 0 is not computed: with alpha 0 the teacher may be an empty Tensor.
// Hint: the labels speak about the student's logits as they are, not divided by T.
Tensor distill_loss(const Tensor& student, const Tensor& teacher, const Indices& labels,
                    const DistillOptions& options) {
  if (!(options.alpha >= 0 && options.alpha <= 1)) {
    throw ValueError("distill_loss: alpha is {}, but it is a share: needs 0 to 1.", {options.alpha});
  }
  todo("17.6");
}

// 17.6 hidden_match_loss  student (..., S), teacher (..., D), weight (D, S) or empty -> ()
//   mean (student·weightᵀ - teacher)²
// Hint: linear() of module 03 and mse_loss of module 04; the teacher is a constant.
Tensor hidden_match_loss(const Tensor& student, const Tensor& teacher, const Tensor& weight) {
  todo("17.6");
}

}  // namespace rushlight
