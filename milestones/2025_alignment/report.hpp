// report.hpp: the results as a table, as metrics and as pictures.
#pragma once

#include <string>

#include "2025_alignment/results.hpp"
#include "common/milestone.hpp"

namespace rushlight::alignment {

// Markdown: a line for each thing measured, a column for each seed, the mean and its interval.
std::string table_of(const Results& results);

// The same as chart.hpp draws it.
std::string svg_of(const Results& results);

// The teacher's loss, and for each claim what was measured on the worst seed and whether it holds.
milestone::Json metrics_json(const Results& results);

// Bars with intervals, which the command line draws.
void emit_pictures(const Results& results);

}  // namespace rushlight::alignment
