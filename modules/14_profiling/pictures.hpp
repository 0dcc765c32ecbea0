// pictures.hpp: a trace for other programs and for the eye. Each returns the text of a file. Given.
#pragma once

#include <string>

#include "14_profiling/boxes.hpp"
#include "14_profiling/roofline.hpp"
#include "14_profiling/trace.hpp"

namespace rushlight {

// Chrome's trace format, which Perfetto (ui.perfetto.dev) and chrome://tracing open: complete events ("X") that nest,
// with shapes, FLOPs and bytes; counters ("C") of live memory; names of process and threads ("M"). Times are
// microseconds with three digits: nothing is rounded. (chrome_trace.cpp)
std::string chrome_trace(const Trace& trace);

// Boxes as wide as the time spent in them, the same place in every step together. (flame.cpp)
std::string flame_svg(const Trace& trace);

// The roof, and every point under it; both axes logarithmic. (roofline_svg.cpp)
std::string roofline_svg(const std::vector<RooflinePoint>& points, const Machine& machine);

// A text inside an SVG or XML file.
std::string escaped(const std::string& text);

}  // namespace rushlight
