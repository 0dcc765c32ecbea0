// places.cpp: which module an op ran in. Nobody tells the tracer when a layer begins and ends, but a parameter belongs to
// one, and what happens between two known places happens in what contains both.
#include <unordered_map>

#include "01_tensor/todo.hpp"
#include "14_profiling/trace.hpp"

namespace rushlight {
namespace {  // solution

constexpr std::int32_t nowhere = -1;

bool contains(const std::string& outer, const std::string& inner) {
  if (outer.empty() || outer == inner) return true;
  return inner.size() > outer.size() && inner.compare(0, outer.size(), outer) == 0 && inner[outer.size()] == '.';
}

std::int32_t chosen_owner(const std::vector<std::int32_t>& owners, std::int32_t last) {
  for (const std::int32_t owner : owners) {
    if (owner > last) return owner;
  }
  return owners.front();
}

// The modules of forward events, in two walks: forwards for what is known and what came before, backwards for what
// comes after.
struct Walk {
  Trace& trace;
  std::vector<std::int32_t> before;  // for each event: the known place before it

  void forwards() {
    std::int32_t last = nowhere;
    auto mark = trace.marks.begin();
    for (std::size_t i = 0; i < trace.events.size(); ++i) {
      for (; mark != trace.marks.end() && mark->event <= i; ++mark) last = mark->module;
      TraceEvent& event = trace.events[i];
      before.push_back(last);
      if (event.phase == Phase::forward && !event.owners.empty()) {
        last = event.module = chosen_owner(event.owners, last);
      }
    }
  }

  void backwards() {
    std::int32_t next = nowhere;
    auto mark = trace.marks.rbegin();
    for (std::size_t i = trace.events.size(); i-- > 0;) {
      for (; mark != trace.marks.rend() && mark->event > i; ++mark) next = mark->module;
      TraceEvent& event = trace.events[i];
      if (event.phase != Phase::forward) continue;
      if (!event.owners.empty()) {
        next = event.module;
      } else {
        const bool known = before[i] != nowhere && next != nowhere;
        event.module = known ? common_module(trace.modules, before[i], next) : 0;
      }
    }
  }
};

}  // namespace

// 14.3 common_module  modules (paths, "" first), a, b (indices) -> index of the innermost one that contains both
// Hint: a module contains another if its path and a dot are how the other's begins; the model, "", contains all. Of those
// that contain both, the longest path is innermost. "blocks.1" does not contain "blocks.10".
std::int32_t common_module(const std::vector<std::string>& modules, std::int32_t a, std::int32_t b) {
  std::int32_t best = 0;
  const auto of = [&](std::int32_t i) -> const std::string& { return modules[static_cast<std::size_t>(i)]; };
  for (std::int32_t i = 0; i < static_cast<std::int32_t>(modules.size()); ++i) {
    if (contains(of(i), of(a)) && contains(of(i), of(b)) && of(i).size() >= of(best).size()) best = i;
  }
  return best;
}

// 14.3 place_events  trace -> trace, with the module of every event
//   known places: every mark, and every forward event with owners (the first owner whose index is larger than that of
//   the known place before it; where there is none such, the first owner);  other forward events: common_module of the known
//   places before and after, 0 where one is missing;  backward: as the forward event with the same node, else 0
// Hint: one walk forwards and one backwards. A mark at event i comes before event i; one may come after the last event.
void place_events(Trace& trace) {
  Walk walk{trace, {}};
  walk.forwards();
  walk.backwards();
  std::unordered_map<std::uint64_t, std::int32_t> module_of;
  for (TraceEvent& event : trace.events) {
    if (event.phase == Phase::forward) {
      if (event.node != 0) module_of[event.node] = event.module;
    } else {
      const auto found = module_of.find(event.node);
      event.module = found == module_of.end() ? 0 : found->second;
    }
  }
}

}  // namespace rushlight
