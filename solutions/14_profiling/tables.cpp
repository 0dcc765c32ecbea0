// tables.cpp: sums over events.
#include "14_profiling/tables.hpp"

#include <algorithm>
#include <map>

#include "01_tensor/todo.hpp"

namespace rushlight {

// 14.5 CostSum::add  adds what is known, and counts what is not
// Hint: flops and bytes are known or unknown each for itself.
void CostSum::add(const Cost& cost) {
  if (cost.flops) {
    flops += *cost.flops;
  } else {
    ++unknown_flops;
  }
  if (cost.bytes) {
    bytes += *cost.bytes;
  } else {
    ++unknown_bytes;
  }
}

// 14.5 by_op  trace -> a row for each op and phase: calls, time, cost;  the longest time first, of equal times the one that
// occurred first
// Hint: rows in the order in which they occur, then a stable sort.
std::vector<OpRow> by_op(const Trace& trace) {
  std::vector<OpRow> rows;
  std::map<std::pair<std::string_view, Phase>, std::size_t> row_of;
  for (const TraceEvent& event : trace.events) {
    const auto [found, fresh] = row_of.try_emplace({event.op, event.phase}, rows.size());
    if (fresh) rows.push_back({.op = event.op, .phase = event.phase});
    OpRow& row = rows[found->second];
    ++row.calls;
    row.ns += event.duration_ns();
    row.cost.add(event.cost);
  }
  std::stable_sort(rows.begin(), rows.end(), [](const OpRow& a, const OpRow& b) { return a.ns > b.ns; });
  return rows;
}

namespace {  // solution

bool inside(const std::string& inner, const std::string& outer) {
  return outer.empty() || inner == outer || inner.starts_with(outer + ".");
}

void add_event(ModuleRow& row, const TraceEvent& event, bool own) {
  (event.phase == Phase::forward ? row.forward_ns : row.backward_ns) += event.duration_ns();
  if (own) row.own_ns += event.duration_ns();
  row.cost.add(event.cost);
}

}  // namespace

// 14.5 by_module  trace -> a row for each module in which or inside which something ran, in the order of trace.modules
//   own_ns: events of the module itself, both phases;  forward_ns, backward_ns, cost: with all modules inside;
//   depth: how many other modules contain it, hence 0 for the model
// Hint: for each module, walk over all events. "blocks.1" is not inside "blocks", which is no module, nor is "blocks.10"
// inside "blocks.1": a dot must follow.
std::vector<ModuleRow> by_module(const Trace& trace) {
  std::vector<ModuleRow> rows;
  for (std::size_t m = 0; m < trace.modules.size(); ++m) {
    ModuleRow row{.path = trace.modules[m]};
    bool anything = false;
    for (const TraceEvent& event : trace.events) {
      const auto where = static_cast<std::size_t>(event.module);
      if (!inside(trace.modules[where], row.path)) continue;
      anything = true;
      add_event(row, event, where == m);
    }
    if (!anything) continue;
    for (const std::string& other : trace.modules) row.depth += other != row.path && inside(row.path, other);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace rushlight
