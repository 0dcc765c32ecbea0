// boxes.cpp: from a list to boxes.
#include "14_profiling/boxes.hpp"

#include <algorithm>

#include "01_tensor/todo.hpp"

namespace rushlight {

// 14.6 boxes_of  trace, event -> name_of(phase), then the path of every module around it, from the outside in, without ""
// Hint: the paths of the modules around "blocks.0.attn.q" are how that begins, up to a dot, if trace.modules has them:
// "blocks" it has not.
std::vector<std::string> boxes_of(const Trace& trace, const TraceEvent& event) {
  todo("14.6");
}

// 14.6 nest  trace -> boxes and ops in the order in which they open, an outer one before what is in it
// Two events in a row share their boxes from the outside in, up to the first that differs. A box lasts from the start of
// its first event to the end of its last. depth: 0 for the phase, one more for each box; the op after its boxes.
// Hint: keep a stack of the open boxes, as indices of the result. For each event close what it does not share, open what
// is missing, add the op, and let every open box end where the event does.
std::vector<Box> nest(const Trace& trace) {
  todo("14.6");
}

}  // namespace rushlight
