// inspect.cpp: where a NaN came from, and what a graph looks like.
#include <cmath>
#include <unordered_map>
#include <utility>

#include "01_tensor/todo.hpp"
#include "05_autograd/autograd.hpp"

namespace rushlight {
namespace {  // solution

bool is_bad(Real value) { return std::isnan(value) || (AnomalyMode::options().infinities && std::isinf(value)); }

// The flat position of the first bad number, or -1; an undefined array holds none.
std::int64_t first_bad(const Array& array) {
  if (!array.defined()) return -1;
  std::int64_t at = 0;
  const Array here = array.cpu();
  for (const Real value : here.data()) {
    if (is_bad(value)) return at;
    ++at;
  }
  return -1;
}

// Flat position 5 of shape (2, 3) is [1, 2].
std::string index_text(std::int64_t flat, const Shape& shape) {
  std::string text;
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    text = formatted("{}{}{}", {flat % shape[axis], text.empty() ? "" : ", ", text});
    flat /= shape[axis];
  }
  return "[" + text + "]";
}

void check_array(const std::string& what, const Array& array) {
  const std::int64_t at = first_bad(array);
  if (at < 0) return;
  throw ValueError("{}, shape {}, contains {} at {}.",
                   {what, array.shape(), array.cpu().data()[at], index_text(at, array.shape())});
}

std::string escaped(const std::string& text) {
  std::string result;
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') result += '\\';
    result += letter;
  }
  return result;
}

}  // namespace

// 05.6 check_value  op, value (any shape) -> nothing, or ValueError when the value contains a NaN
// An infinity counts only when AnomalyMode::options().infinities. The message names op, shape, the first bad index as
// [row, column] and the number there.
// Hint: a flat position turns into an index from the last axis on: flat % size, then flat /= size.
void check_value(const char* op, const Array& value) { check_array(formatted("{}: its value", {op}), value); }

// 05.6 check_gradients  node, one gradient per input -> nothing, or ValueError that names node.op and the input
// Undefined gradients are skipped. The message begins with "backward of", so that nobody looks in the forward pass.
// Hint: as check_value.
void check_gradients(const Node& node, const Arrays& gradients) {
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    if (first_bad(gradients[i]) < 0) continue;
    check_array(formatted("backward of {}: the gradient of input {}", {node.op, i}), gradients[i]);
  }
}

// 05.6 graph_dot  root -> the graph as text for Graphviz, the same text for the same graph
// "digraph {", then per node, numbered in topological order, one line
//   n0 [label="mul\n(2, 3)"];          with , style=filled, fillcolor=lightgrey added for a leaf
// and per input one line   n1 -> n0;   then "}". A node that `names` lists, a leaf or an op's result, shows its name in
// place of "leaf" or of the op.
// The \n is a backslash and an n: Graphviz breaks the line there. In names, escape quotes and backslashes.
// Hint: number the nodes first, in a map from const Node*; x * x has two arrows.
std::string graph_dot(const Tensor& root, const std::vector<std::pair<std::string, Tensor>>& names) {
  if (!root.requires_grad()) throw GraphError("graph_dot: this tensor has no graph to draw.");
  const Order order = topological_order(root.node());
  std::unordered_map<const Node*, std::size_t> number;
  for (const auto& node : order) number.emplace(node.get(), number.size());
  std::unordered_map<const Node*, std::string> label;
  for (const auto& [name, tensor] : names) label[tensor.node().get()] = escaped(name);
  std::string text = "digraph {\n  node [shape=box];\n";
  for (const auto& node : order) {
    const auto named = label.find(node.get());
    text += formatted("  n{} [label=\"{}\\n{}\"{}];\n",
                      {number[node.get()], named == label.end() ? node->op : named->second, node->shape,
                       node->is_leaf() ? ", style=filled, fillcolor=lightgrey" : ""});
    for (const Node::Input& input : node->inputs) {
      if (input.node != nullptr) text += formatted("  n{} -> n{};\n", {number[input.node.get()], number[node.get()]});
    }
  }
  return text + "}\n";
}

}  // namespace rushlight
