// tracer.cpp: what is written down when an op or a rule has run.
#include <utility>

#include "01_tensor/todo.hpp"
#include "14_profiling/trace.hpp"

namespace rushlight {

// 14.4 Tracer::op  call -> one forward event: from last_ns_ to now, its cost, and if it has a node, the node's id and what
// its rule will cost;  then last_ns_ is the time
// Hint: read the clock first, before the tracer's own work. work_of and rule_work_of give cost_of what it wants;
// owners_of and add do the rest. Read the clock again at the end.
void Tracer::op(const OpCall& call) {
  todo("14.4");
}

// 14.4 Tracer::rule_begins  node -> rule_start_ns_ is the time
// Hint: the engine works between two rules, adding gradients up; that is not the rule's time.
void Tracer::rule_begins(const Node&) {
  todo("14.4");
}

// 14.4 Tracer::rule_ends  node -> one backward event: from rule_start_ns_ to now, the node's op, shapes, id and cost;  then
// last_ns_ is the time
// Hint: as op(), with rule_work_of(node).
void Tracer::rule_ends(const Node& node, const Arrays&) {
  todo("14.4");
}

}  // namespace rushlight
