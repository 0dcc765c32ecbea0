// summary.cpp: from two small passes to a large one.
#include "14_profiling/summary.hpp"

#include "01_tensor/todo.hpp"

namespace rushlight {

// 14.8 on_line  line, n -> at_one + (n - 1)·(at_two - at_one)
// Hint: what does not grow with the batch, as the copy of a table, is in both and goes out in the difference.
std::int64_t on_line(const Line& line, std::int64_t n) {
  todo("14.8");
}

// 14.8 predict  one, two (passes over 1 and 2 examples), batch >= 1 -> the same for `batch` examples
//   by on_line: flops and rule_flops of each row, activation_bytes;  from `one`: everything else;
//   output: that of `one`, its first axis replaced by batch where that is 1
// ValueError when batch is below 1, or when the rows of both do not have the same paths in the same order.
// Hint: begin with a copy of `one`.
Summary predict(const Summary& one, const Summary& two, std::int64_t batch) {
  todo("14.8");
}

}  // namespace rushlight
