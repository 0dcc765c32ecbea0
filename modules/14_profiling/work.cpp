// work.cpp: given. From an op, or the node of one, to what its cost depends on.
#include "14_profiling/trace.hpp"

namespace rushlight {

Work work_of(const OpCall& call) {
  Work work{.op = call.op, .phase = Phase::forward, .inputs = {}, .output = call.value.shape()};
  work.inputs.reserve(call.inputs.size());
  for (const Tensor& input : call.inputs) work.inputs.push_back(input.shape());
  return work;
}

Work rule_work_of(const Node& node) {
  Work work{.op = node.op, .phase = Phase::backward, .inputs = {}, .output = node.shape, .save = node.save};
  work.inputs.reserve(node.inputs.size());
  for (const Node::Input& input : node.inputs) {
    work.inputs.push_back(input.shape);
    work.needs.push_back(input.node != nullptr);
  }
  return work;
}

}  // namespace rushlight
