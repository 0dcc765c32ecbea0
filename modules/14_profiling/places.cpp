// places.cpp: which module an op ran in. Nobody tells the tracer when a layer begins and ends, but a parameter belongs to
// one, and what happens between two known places happens in what contains both.
#include <unordered_map>

#include "01_tensor/todo.hpp"
#include "14_profiling/trace.hpp"

namespace rushlight {

// 14.3 common_module  modules (paths, "" first), a, b (indices) -> index of the innermost one that contains both
// Hint: a module contains another if its path and a dot are how the other's begins; the model, "", contains all. Of those
// that contain both, the longest path is innermost. "blocks.1" does not contain "blocks.10".
std::int32_t common_module(const std::vector<std::string>& modules, std::int32_t a, std::int32_t b) {
  todo("14.3");
}

// 14.3 place_events  trace -> trace, with the module of every event
//   known places: every mark, and every forward event with owners (the first owner whose index is larger than that of
//   the known place before it; where there is none such, the first owner);  other forward events: common_module of the known
//   places before and after, 0 where one is missing;  backward: as the forward event with the same node, else 0
// Hint: one walk forwards and one backwards. A mark at event i comes before event i; one may come after the last event.
void place_events(Trace& trace) {
  todo("14.3");
}

}  // namespace rushlight
