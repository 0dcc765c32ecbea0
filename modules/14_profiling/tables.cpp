// tables.cpp: sums over events.
#include "14_profiling/tables.hpp"

#include <algorithm>
#include <map>

#include "01_tensor/todo.hpp"

namespace rushlight {

// 14.5 CostSum::add  adds what is known, and counts what is not
// Hint: flops and bytes are known or unknown each for itself.
void CostSum::add(const Cost& cost) {
  todo("14.5");
}

// 14.5 by_op  trace -> a row for each op and phase: calls, time, cost;  the longest time first, of equal times the one that
// occurred first
// Hint: rows in the order in which they occur, then a stable sort.
std::vector<OpRow> by_op(const Trace& trace) {
  todo("14.5");
}

// 14.5 by_module  trace -> a row for each module in which or inside which something ran, in the order of trace.modules
//   own_ns: events of the module itself, both phases;  forward_ns, backward_ns, cost: with all modules inside;
//   depth: how many other modules contain it, hence 0 for the model
// Hint: for each module, walk over all events. "blocks.1" is not inside "blocks", which is no module, nor is "blocks.10"
// inside "blocks.1": a dot must follow.
std::vector<ModuleRow> by_module(const Trace& trace) {
  todo("14.5");
}

}  // namespace rushlight
