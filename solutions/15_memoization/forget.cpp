// forget.cpp: columns go, the newest because they were taken back, the oldest because nobody sees them any more.
#include "01_tensor/todo.hpp"
#include "15_memoization/kv_cache.hpp"

namespace rushlight {

// 15.2 truncate  length -> nothing returned; `length` columns are left, in no more blocks than they need
// ValueError unless length is 0, or first_ <= length <= length_. With 0, first_ is 0 again.
// Hint: (length - first_) columns need that number divided by P, rounded up, blocks. Nothing is erased inside a block:
// append() writes over it, and until then no mask shows it.
void LayerCache::truncate(std::int64_t length) {
  if (length != 0 && (length < first_ || length > length_)) {
    throw ValueError("LayerCache: {} columns are none of the {}..{} to which it can go back.",
                     {length, first_, length_});
  }
  // solution 15.2
  if (length == 0) first_ = 0;
  const std::int64_t needed = (length - first_ + places() - 1) / places();
  blocks_.resize(static_cast<std::size_t>(needed));
  length_ = length;
  // end solution
}

// 15.2 evict  before -> nothing returned; the blocks all of whose columns are below `before` are gone
// ValueError unless 0 <= before <= length_. first_ moves by P with every block; length_ and the numbers of columns stay.
// Hint: blocks_.front() covers first_ .. first_ + P - 1.
void LayerCache::evict(std::int64_t before) {
  if (before < 0 || before > length_) {
    throw ValueError("LayerCache: cannot evict what is before column {}: there are {}.", {before, length_});
  }
  // solution 15.2
  while (!blocks_.empty() && first_ + places() <= before) {
    blocks_.erase(blocks_.begin());
    first_ += places();
  }
  // end solution
}

}  // namespace rushlight
