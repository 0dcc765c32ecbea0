// boxes.hpp: events as boxes inside boxes: the phase, the modules, the op. It is what both a trace viewer and a flame
// picture draw.
#pragma once

#include <string>
#include <vector>

#include "14_profiling/trace.hpp"

namespace rushlight {

struct Box {
  std::string name;  // "forward", then a module's path, then the op
  std::int64_t start_ns = 0;
  std::int64_t end_ns = 0;
  std::int32_t depth = 0;   // the phase has 0, the op is the deepest
  std::int32_t event = -1;  // of an op: its index in Trace::events
};

// --- 14.6 (boxes.cpp) ---------------------------------------------------------------------------------------------

// The boxes around an event, outermost first: its phase, then every module it ran in, the model itself ("") left out,
// by their paths: {"forward", "blocks.0", "blocks.0.attn", "blocks.0.attn.q"}.
std::vector<std::string> boxes_of(const Trace& trace, const TraceEvent& event);

// All boxes in the order in which they open, an outer one before what is in it, the op last. Neighbours share as many of
// their boxes as they agree in from the outside: such a box opens with the first event in it and closes with the last.
// Boxes nest: one that lies deeper is never open without the one around it.
std::vector<Box> nest(const Trace& trace);

}  // namespace rushlight
