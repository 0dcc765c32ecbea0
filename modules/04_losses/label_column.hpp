// label_column.hpp: labels in the form that gather and where take. Given.
#pragma once

#include "01_tensor/kernel_slot.hpp"
#include "01_tensor/primitives.hpp"

namespace rushlight {

// One label a row, with an axis of size 1 where the scores (..., C) have their classes.
struct LabelColumn {
  Indices at;   // (..., 1): the label; 0 where it is ignored, a place that exists and that `counts` leaves out
  Mask counts;  // (..., 1): false where the label is ignored
};

// labels, which lie on the kernel's device -> the column, of that shape, there.
struct LabelColumnKernel {
  LabelColumn (*forward)(const Indices& labels, const Shape& column, std::int32_t ignore_index) = nullptr;
};
inline KernelSlot<LabelColumnKernel> label_column_slot;

// scores (..., C), labels (...), which count_labels has checked. The result lies beside the scores. Without a kernel
// labels are looked at one by one, on the CPU.
inline LabelColumn label_column(const Array& scores, const Indices& labels, std::int32_t ignore_index) {
  const Shape column = reduced_shape(scores.shape(), {scores.rank() - 1}, true);
  if (const auto kernel = label_column_slot.get(scores.device(), {}); kernel.forward != nullptr) {
    return kernel.forward(labels.to(scores.device()), column, ignore_index);
  }
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
