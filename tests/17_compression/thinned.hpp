// thinned.hpp: weights in which some rows or columns are weak or zero.
#pragma once

#include "helpers.hpp"

namespace rushlight::test {

inline std::vector<std::int32_t> listed(const Indices& places) { return {places.data().begin(), places.data().end()}; }

inline void zero_rows(Tensor& weight, const std::vector<std::int64_t>& rows) {
  const std::int64_t width = weight.size() / weight.dim(0);
  for (const std::int64_t row : rows) {
    for (std::int64_t i = 0; i < width; ++i) weight.mutable_value().mutable_data()[row * width + i] = 0;
  }
}

// Makes rows of a weight so small that they go first.
inline void shrink_rows(Tensor& weight, const std::vector<std::int64_t>& rows) {
  const std::int64_t width = weight.size() / weight.dim(0);
  for (const std::int64_t row : rows) {
    for (std::int64_t i = 0; i < width; ++i) weight.mutable_value().mutable_data()[row * width + i] *= Real(1e-3);
  }
}

inline void zero_columns(Tensor& weight, const std::vector<std::int64_t>& columns) {
  const std::int64_t width = weight.dim(1);
  for (std::int64_t row = 0; row < weight.dim(0); ++row) {
    for (const std::int64_t column : columns) weight.mutable_value().mutable_data()[row * width + column] = 0;
  }
}

}  // namespace rushlight::test
