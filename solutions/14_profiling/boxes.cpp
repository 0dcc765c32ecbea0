// boxes.cpp: from a list to boxes.
#include "14_profiling/boxes.hpp"

#include <algorithm>

#include "01_tensor/todo.hpp"

namespace rushlight {

// 14.6 boxes_of  trace, event -> name_of(phase), then the path of every module around it, from the outside in, without ""
// Hint: the paths of the modules around "blocks.0.attn.q" are how that begins, up to a dot, if trace.modules has them:
// "blocks" it has not.
std::vector<std::string> boxes_of(const Trace& trace, const TraceEvent& event) {
  std::vector<std::string> boxes{name_of(event.phase)};
  const std::string& path = trace.modules[static_cast<std::size_t>(event.module)];
  for (std::size_t end = 0; end < path.size();) {
    end = std::min(path.find('.', end + 1), path.size());
    const std::string outer = path.substr(0, end);
    if (std::find(trace.modules.begin(), trace.modules.end(), outer) != trace.modules.end()) boxes.push_back(outer);
  }
  return boxes;
}

// 14.6 nest  trace -> boxes and ops in the order in which they open, an outer one before what is in it
// Two events in a row share their boxes from the outside in, up to the first that differs. A box lasts from the start of
// its first event to the end of its last. depth: 0 for the phase, one more for each box; the op after its boxes.
// Hint: keep a stack of the open boxes, as indices of the result. For each event close what it does not share, open what
// is missing, add the op, and let every open box end where the event does.
std::vector<Box> nest(const Trace& trace) {
  std::vector<Box> all;
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < trace.events.size(); ++i) {
    const TraceEvent& event = trace.events[i];
    const std::vector<std::string> boxes = boxes_of(trace, event);
    std::size_t shared = 0;
    while (shared < open.size() && shared < boxes.size() && all[open[shared]].name == boxes[shared]) ++shared;
    open.resize(shared);
    for (std::size_t depth = shared; depth < boxes.size(); ++depth) {
      open.push_back(all.size());
      all.push_back({.name = boxes[depth], .start_ns = event.start_ns, .depth = static_cast<std::int32_t>(depth)});
    }
    all.push_back({.name = event.op,
                   .start_ns = event.start_ns,
                   .end_ns = event.end_ns,
                   .depth = static_cast<std::int32_t>(boxes.size()),
                   .event = static_cast<std::int32_t>(i)});
    for (const std::size_t box : open) all[box].end_ns = event.end_ns;
  }
  return all;
}

}  // namespace rushlight
