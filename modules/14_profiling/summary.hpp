// summary.hpp: what a training step will cost, before it is run: as torchinfo's table, with the backward pass. Two very
// small passes are enough, since everything grows with the batch along a line.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "14_profiling/tables.hpp"

namespace rushlight {

// a + b·n
struct Line {
  std::int64_t at_one = 0;
  std::int64_t at_two = 0;
};

struct SummaryRow {
  std::string path;  // of the module; the model itself is ""
  std::int32_t depth = 0;
  Shape output;                 // of the last op that ran in it or inside
  std::int64_t parameters = 0;  // numbers that it owns, with all modules inside; a shared one counts once
  std::int64_t flops = 0;       // of a forward pass, known ones
  std::int64_t rule_flops = 0;  // of the backward pass
  std::int64_t unknown = 0;     // ops in it whose FLOPs nobody knows
};

struct Summary {
  std::int64_t batch = 0;
  std::vector<SummaryRow> rows = {};  // the model itself first
  std::int64_t parameter_bytes = 0;   // the gradients take as much again, and so does each state of the optimizer
  std::int64_t activation_bytes = 0;  // what a forward pass, its input included, leaves alive for the backward pass
};

// Runs the model on so many examples and returns the result.
using ForwardPass = std::function<Tensor(std::int64_t examples)>;

// --- 14.8 (summary.cpp) --------------------------------------------------------------------------------------------

// The line through (1, at_one) and (2, at_two), at n.
std::int64_t on_line(const Line& line, std::int64_t n);

// What a pass over `batch` examples will cost, from one over 1 and one over 2: each row's FLOPs and activation_bytes by
// on_line; rows, parameters and unknown are those of the first pass; output as in the first pass, with the batch in
// place of a leading 1. Throws ValueError when batch is below 1 or the two passes do not have the same rows.
Summary predict(const Summary& one, const Summary& two, std::int64_t batch);

// --- given (measure_summary.cpp) -----------------------------------------------------------------------------------

// One pass as it is, in evaluation mode (so dropout and running statistics stay out of it), recorded, and thrown away.
Summary measure_summary(Module& model, std::int64_t examples, const ForwardPass& forward);

// predict() with two passes over 1 and 2 examples. The first axis of `input` is the batch, whose numbers do not matter.
Summary summary(Module& model, const Shape& input);
// The same for a model that takes something else, such as ids.
Summary summary(Module& model, std::int64_t batch, const ForwardPass& forward);

std::string to_text(const Summary& summary);  // the table, and what a step with Adam will take

}  // namespace rushlight
