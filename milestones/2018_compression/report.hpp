// report.hpp: the results as a table, as metrics and as pictures.
#pragma once

#include <string>

#include "2018_compression/results.hpp"
#include "common/milestone.hpp"

namespace rushlight::compression {

// Markdown: a line for each state of each network, the comparison of the two GPTs, the widths, and what rounding does to
// each layer.
std::string table_of(const Results& results);

// Quality against bytes of the file for both networks, and against the time of a character for the GPT.
std::string svg_of(const Results& results);

// For each claim what was measured, and whether it holds.
milestone::Json metrics_json(const Results& results);

// The panels of svg_of, which the command line draws.
void emit_pictures(const Results& results);

}  // namespace rushlight::compression
