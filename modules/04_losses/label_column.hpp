// label_column.hpp: labels in the form that gather and where take. Given.
#pragma once

#include "01_tensor/primitives.hpp"

namespace rushlight {

// One label a row, with an axis of size 1 where the scores (..., C) have their classes.
struct LabelColumn {
  Indices at;   // (..., 1): the label; 0 where it is ignored, a place that exists and that `counts` leaves out
  Mask counts;  // (..., 1): false where the label is ignored
};

// scores (..., C), labels (...), which count_labels has checked. Labels are looked at one by one, so this happens on the
// CPU; the result lies beside the scores.
inline LabelColumn label_column(const Array& scores, const Indices& labels, std::int32_t ignore_index) {
  const Shape column = reduced_shape(scores.shape(), {scores.rank() - 1}, true);
  const Indices here = labels.to(Device::cpu);
  Indices at(column);
  Mask counts(column);
  for (std::int64_t row = 0; row < here.size(); ++row) {
    const std::int32_t label = here.data()[row];
    counts.mutable_data()[row] = label != ignore_index;
    at.mutable_data()[row] = label == ignore_index ? 0 : label;
  }
  return {at.to(scores.device()), counts.to(scores.device())};
}

}  // namespace rushlight
