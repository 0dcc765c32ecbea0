// summary.cpp: from two small passes to a large one.
#include "14_profiling/summary.hpp"

#include "01_tensor/todo.hpp"

namespace rushlight {

// 14.8 on_line  line, n -> at_one + (n - 1)·(at_two - at_one)
// Hint: what does not grow with the batch, as the copy of a table, is in both and goes out in the difference.
std::int64_t on_line(const Line& line, std::int64_t n) { return line.at_one + (n - 1) * (line.at_two - line.at_one); }

namespace {  // solution

Shape with_batch(Shape shape, std::int64_t batch) {
  if (shape.rank() > 0 && shape[0] == 1) shape[0] = batch;
  return shape;
}

}  // namespace

// 14.8 predict  one, two (passes over 1 and 2 examples), batch >= 1 -> the same for `batch` examples
//   by on_line: flops and rule_flops of each row, activation_bytes;  from `one`: everything else;
//   output: that of `one`, its first axis replaced by batch where that is 1
// ValueError when batch is below 1, or when the rows of both do not have the same paths in the same order.
// Hint: begin with a copy of `one`.
Summary predict(const Summary& one, const Summary& two, std::int64_t batch) {
  if (batch < 1) throw ValueError("summary: a batch of {} examples; needs at least 1.", {batch});
  bool same = one.rows.size() == two.rows.size();
  for (std::size_t i = 0; same && i < one.rows.size(); ++i) same = one.rows[i].path == two.rows[i].path;
  if (!same) throw ValueError("summary: the passes over 1 and 2 examples ran through different modules.");
  Summary all = one;
  all.batch = batch;
  all.activation_bytes = on_line({one.activation_bytes, two.activation_bytes}, batch);
  for (std::size_t i = 0; i < all.rows.size(); ++i) {
    SummaryRow& row = all.rows[i];
    row.flops = on_line({row.flops, two.rows[i].flops}, batch);
    row.rule_flops = on_line({row.rule_flops, two.rows[i].rule_flops}, batch);
    row.output = with_batch(row.output, batch);
  }
  return all;
}

}  // namespace rushlight
