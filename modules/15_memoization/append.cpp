// append.cpp: new columns into blocks, in place.
#include <algorithm>

#include "01_tensor/todo.hpp"
#include "15_memoization/kv_cache.hpp"

namespace rushlight {

// 15.1 append  k, v (B, G, T, K) -> nothing returned; the columns length_ .. length_ + T - 1 are written
// block_ is the shape (B, G, P, K). Column c has place (c - first_) % P of block (c - first_) / P, and a new block begins as
// zeros. A block that is shared (Array::is_shared) is cloned before it is written, and only that one. ShapeError by
// check_columns.
// Hint: a loop over pieces: what the last block has room for, then block by block. A piece is, for each of the B·G rows,
// one stretch of memory; std::copy_n moves it. Write into blocks_.back(), never into a copy of it.
void LayerCache::append(const Array& k, const Array& v) {
  check_columns(k, v);
  todo("15.1");
}

}  // namespace rushlight
