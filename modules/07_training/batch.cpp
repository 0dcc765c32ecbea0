// batch.cpp: given. What the mean of a batch's losses is a mean of.
#include <algorithm>

#include "07_training/train_step.hpp"

namespace rushlight {

std::int64_t counted(const Batch& batch) {
  if (!batch.labels.defined() || batch.labels.size() == 0) return batch.size();
  const Indices labels = batch.labels.to(Device::cpu);
  const auto all = labels.data();
  return std::count_if(all.begin(), all.end(),
                       [](std::int32_t label) { return label != CrossEntropyOptions{}.ignore_index; });
}

}  // namespace rushlight
