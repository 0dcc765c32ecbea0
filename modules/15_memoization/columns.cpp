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
  todo("15.3");
}

// 15.3 positions_of  columns -> (rows, T);  column - padding[row], but at least 0
// Hint: a column that is padding has no position; 0 is as good as any, since nobody sees it.
Indices positions_of(Columns columns, const KVCacheOptions& options) {
  todo("15.3");
}

}  // namespace rushlight
