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
  // solution 17.6
  const Tensor t(static_cast<Real>(temperature));
  const Tensor log_q = log_softmax(student / t);
  const Tensor log_p = log_softmax(teacher.detach() / t);
  const Tensor p = exp(log_p);
  const Tensor gap = where(greater(p.value(), zeros_like(p.value())), log_p - log_q, Tensor(Real{0}));
  const auto rows = static_cast<double>(student.size() / student.dim(-1));
  return sum(p * gap) * Tensor(static_cast<Real>(temperature * temperature / rows));
  // end solution
}

// 17.6 distill_loss  student, teacher (..., C), labels (...) -> ();  alpha·soft + (1 - alpha)·cross_entropy
// A term of weight 0 is not computed: with alpha 0 the teacher may be an empty Tensor.
// Hint: the labels speak about the student's logits as they are, not divided by T.
Tensor distill_loss(const Tensor& student, const Tensor& teacher, const Indices& labels,
                    const DistillOptions& options) {
  if (!(options.alpha >= 0 && options.alpha <= 1)) {
    throw ValueError("distill_loss: alpha is {}, but it is a share: needs 0 to 1.", {options.alpha});
  }
  // solution 17.6
  if (options.alpha == 0) return cross_entropy(student, labels);
  const Tensor soft = soft_target_loss(student, teacher, options.temperature);
  if (options.alpha == 1) return soft;
  return soft * Tensor(static_cast<Real>(options.alpha)) +
         cross_entropy(student, labels) * Tensor(static_cast<Real>(1 - options.alpha));
  // end solution
}

// 17.6 hidden_match_loss  student (..., S), teacher (..., D), weight (D, S) or empty -> ()
//   mean (student·weightᵀ - teacher)²
// Hint: linear() of module 03 and mse_loss of module 04; the teacher is a constant.
Tensor hidden_match_loss(const Tensor& student, const Tensor& teacher, const Tensor& weight) {
  return mse_loss(weight.defined() ? linear(student, weight) : student, teacher.detach());
}

}  // namespace rushlight
