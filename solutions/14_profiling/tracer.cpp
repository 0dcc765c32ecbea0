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
  const std::int64_t end = now();
  Work work = work_of(call);
  TraceEvent event{.op = call.op,
                   .phase = Phase::forward,
                   .start_ns = last_ns_,
                   .end_ns = end,
                   .inputs = {},
                   .output = {},
                   .cost = cost_of(work),
                   .rule_cost = {},
                   .owners = owners_of(call.inputs)};
  if (call.node != nullptr) {
    event.node = call.node->id;
    event.rule_cost = cost_of(rule_work_of(*call.node));
  }
  event.inputs = std::move(work.inputs);
  event.output = work.output;
  add(std::move(event));
  last_ns_ = now();
}

// 14.4 Tracer::rule_begins  node -> rule_start_ns_ is the time
// Hint: the engine works between two rules, adding gradients up; that is not the rule's time.
void Tracer::rule_begins(const Node&) { rule_start_ns_ = now(); }

// 14.4 Tracer::rule_ends  node -> one backward event: from rule_start_ns_ to now, the node's op, shapes, id and cost;  then
// last_ns_ is the time
// Hint: as op(), with rule_work_of(node).
void Tracer::rule_ends(const Node& node, const Arrays&) {
  const std::int64_t end = now();
  Work work = rule_work_of(node);
  TraceEvent event{.op = node.op,
                   .phase = Phase::backward,
                   .start_ns = rule_start_ns_,
                   .end_ns = end,
                   .inputs = {},
                   .output = node.shape,
                   .cost = cost_of(work),
                   .rule_cost = {},
                   .node = node.id,
                   .owners = {}};
  event.inputs = std::move(work.inputs);
  add(std::move(event));
  last_ns_ = now();
}

}  // namespace rushlight
