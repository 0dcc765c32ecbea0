// append.cpp: new columns into blocks, in place.
#include <algorithm>

#include "01_tensor/todo.hpp"
#include "15_memoization/kv_cache.hpp"

namespace rushlight {
namespace {  // solution

// `count` columns of `from` (B, G, T, K), from `start` on, become the places `at`, `at` + 1, ... of `block` (B, G, P, K).
// Along the last two axes they lie side by side in both; each row of B and G is a stretch of its own.
void write_columns(Array& block, std::int64_t at, const Array& from, std::int64_t start, std::int64_t count) {
  if (block.is_shared()) block = block.clone();  // somebody else still reads it as it is
  const std::int64_t rows = from.dim(0) * from.dim(1), width = from.dim(3);
  const Real* source = from.data().data() + start * width;
  Real* target = block.mutable_data().data() + at * width;
  for (std::int64_t row = 0; row < rows; ++row) {
    std::copy_n(source + row * from.dim(2) * width, count * width, target + row * block.dim(2) * width);
  }
}

}  // namespace

// 15.1 append  k, v (B, G, T, K) -> nothing returned; the columns length_ .. length_ + T - 1 are written
// block_ is the shape (B, G, P, K). Column c has place (c - first_) % P of block (c - first_) / P, and a new block begins as
// zeros. A block that is shared (Array::is_shared) is cloned before it is written, and only that one. ShapeError by
// check_columns.
// Hint: a loop over pieces: what the last block has room for, then block by block. A piece is, for each of the B·G rows,
// one stretch of memory; std::copy_n moves it. Write into blocks_.back(), never into a copy of it.
void LayerCache::append(const Array& k, const Array& v) {
  check_columns(k, v);
  // solution 15.1
  const std::int64_t columns = k.dim(2);
  std::int64_t written = 0;
  while (written < columns) {
    if (length_ == end()) blocks_.push_back({zeros(block_), zeros(block_)});
    const std::int64_t count = std::min(columns - written, end() - length_), at = places() - (end() - length_);
    write_columns(blocks_.back().k, at, k, written, count);
    write_columns(blocks_.back().v, at, v, written, count);
    written += count;
    length_ += count;
  }
  // end solution
}

}  // namespace rushlight
