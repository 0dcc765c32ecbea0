// soft_targets.hpp: a small model learns from a large one what the labels do not say: which wrong answers are nearly
// right (Hinton, Vinyals and Dean, 2015). Losses between a student and a teacher, who is a constant.
// Letters: C classes, ... any leading axes, N = their product.
#pragma once

#include "04_losses/losses.hpp"

namespace rushlight {

// --- 17.6 distillation (soft_targets.cpp) --------------------------------------------------------------------------

// student, teacher (..., C) logits -> (), with p = softmax(teacher/T), q = softmax(student/T):
//   T² · (1/N)·Σ_rows Σ_c p_c·(log p_c - log q_c)
// Where p_c is 0, as for a teacher's logit of -inf (a class that it rules out), the term is 0.
// The derivative of a softened softmax is smaller by T in the loss and by T again in the gap between p and q; T² puts
// that back, so the loss may be added to one on labels without a new weight for every T. No gradient reaches the
// teacher. dL/dstudent = (T/N)·(q - p). Throws ShapeError unless the shapes agree, have an axis of classes and hold a
// row, ValueError unless T > 0 and finite.
Tensor soft_target_loss(const Tensor& student, const Tensor& teacher, double temperature);

struct DistillOptions {
  double temperature = 4;  // T
  double alpha = 0.9;      // the share of the teacher, 0 to 1; the rest is the labels'
};

// alpha·soft_target_loss + (1 - alpha)·cross_entropy(student, labels), the labels at temperature 1. labels (...). What
// has weight 0 is not computed. Throws as the two do, and ValueError unless 0 <= alpha <= 1.
Tensor distill_loss(const Tensor& student, const Tensor& teacher, const Indices& labels,
                    const DistillOptions& options = {});

// student (..., S), teacher (..., D), weight (D, S) or empty -> (): the mean over all numbers of (student·weightᵀ -
// teacher)². The weight, a parameter of its own, is learnt with the student and thrown away with the teacher; it is
// needed where the widths differ (Romero and others, 2015). No gradient reaches the teacher. Throws ShapeError when
// what is compared has two shapes.
Tensor hidden_match_loss(const Tensor& student, const Tensor& teacher, const Tensor& weight = {});

}  // namespace rushlight
