// graph.cpp: a formula's graph as the framework recorded it, and its backward pass as module 05 runs it, step by step.
#include <map>

#include "05_autograd/autograd.hpp"
#include "expression.hpp"
#include "json.hpp"
#include "widgets.hpp"

namespace rushlight::live {
namespace {

using Numbers = std::map<const Node*, int>;  // a node's place among the tensors of the expression

std::string inputs_of(const Node& node, const Numbers& numbers) {
  return list(node.inputs, [&](const Node::Input& input) {
    return std::to_string(input.node ? numbers.at(input.node.get()) : -1);  // -1: a constant
  });
}

// One turn of the engine: a node whose gradient is complete, and what its rule gives to each input.
std::string step_of(Node& node, const Array& gradient, const Numbers& numbers) {
  std::string parts = "[]";
  if (!node.inputs.empty()) {
    parts = list(local_gradients(node, gradient),
                 [](const Array& part) { return part.defined() ? number(part.item()) : "null"; });
  }
  return "{\"node\":" + std::to_string(numbers.at(&node)) + ",\"grad\":" + number(gradient.item()) +
         ",\"parts\":" + parts + "}";
}

}  // namespace

std::string graph(Request& request) {
  const Expression expression(request.rest());
  Numbers numbers;
  std::string nodes;
  for (const auto& [name, tensor] : expression.tensors()) {
    const Node& node = *tensor.node();
    const int number_here = static_cast<int>(numbers.size());
    numbers[&node] = number_here;
    nodes += (nodes.empty() ? "" : ",") + ("{\"op\":" + quoted(node.op)) + ",\"name\":" + quoted(name) +
             ",\"value\":" + number(tensor.item()) + ",\"inputs\":" + inputs_of(node, numbers) + "}";
  }
  std::string steps;
  PassPlan plan;
  plan.complete = [&](Node& node, const Array& gradient) {
    steps += (steps.empty() ? "" : ",") + step_of(node, gradient, numbers);
  };
  const Order order = topological_order(expression.root().node());
  run_backward(order, Array::scalar(1), plan, {.retain_graph = true});
  return "{\"nodes\":[" + nodes + "],\"steps\":[" + steps + "]}";
}

}  // namespace rushlight::live
