// columns.cpp: columns of a matrix of tokens, and what they mean to each row.
#include <algorithm>

#include "01_tensor/todo.hpp"
#include "15_memoization/cached_attention.hpp"

namespace rushlight {
namespace {

std::int64_t rows_of(const KVCacheOptions& options) {
  return options.padding.empty() ? 1 : static_cast<std::int64_t>(options.padding.size());
}

std::int64_t padding_of(const KVCacheOptions& options, std::int64_t row) {
  return options.padding.empty() ? 0 : options.padding.data()[row];
}

}  // namespace

// 15.3 visible_columns  queries, keys -> (rows, 1, T, S);  true where s <= t, s >= padding[row] and s > t - window
// t and s are columns: queries.first + i and keys.first + j. A window of 0 is none.
// Hint: three loops around one condition; rows_of and padding_of are above.
Mask visible_columns(Columns queries, Columns keys, const KVCacheOptions& options) {
  Mask mask(Shape{rows_of(options), 1, queries.count, keys.count});
  std::uint8_t* out = mask.mutable_data().data();
  for (std::int64_t row = 0; row < rows_of(options); ++row) {
    for (std::int64_t t = queries.first; t < queries.first + queries.count; ++t) {
      const std::int64_t oldest = options.window == 0 ? 0 : t - options.window + 1;
      const std::int64_t from = std::max(padding_of(options, row), oldest);
      for (std::int64_t s = keys.first; s < keys.first + keys.count; ++s) *out++ = from <= s && s <= t;
    }
  }
  return mask;
}

// 15.3 positions_of  columns -> (rows, T);  column - padding[row], but at least 0
// Hint: a column that is padding has no position; 0 is as good as any, since nobody sees it.
Indices positions_of(Columns columns, const KVCacheOptions& options) {
  Indices positions(Shape{rows_of(options), columns.count});
  std::int32_t* out = positions.mutable_data().data();
  for (std::int64_t row = 0; row < rows_of(options); ++row) {
    for (std::int64_t c = columns.first; c < columns.first + columns.count; ++c) {
      *out++ = static_cast<std::int32_t>(std::max<std::int64_t>(0, c - padding_of(options, row)));
    }
  }
  return positions;
}

}  // namespace rushlight
