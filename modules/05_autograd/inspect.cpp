// inspect.cpp: where a NaN came from, and what a graph looks like.
#include <cmath>
#include <unordered_map>
#include <utility>

#include "01_tensor/todo.hpp"
#include "05_autograd/autograd.hpp"

namespace rushlight {

// 05.6 check_value  op, value (any shape) -> nothing, or ValueError when the value contains a NaN
// An infinity counts only when AnomalyMode::options().infinities. The message names op, shape, the first bad index as
// [row, column] and the number there.
// Hint: a flat position turns into an index from the last axis on: flat % size, then flat /= size.
void check_value(const char* op, const Array& value) {
  todo("05.6");
}

// 05.6 check_gradients  node, one gradient per input -> nothing, or ValueError that names node.op and the input
// Undefined gradients are skipped. The message begins with "backward of", so that nobody looks in the forward pass.
// Hint: as check_value.
void check_gradients(const Node& node, const Arrays& gradients) {
  todo("05.6");
}

// 05.6 graph_dot  root -> the graph as text for Graphviz, the same text for the same graph
// "digraph {", then per node, numbered in topological order, one line
//   n0 [label="mul\n(2, 3)"];          with , style=filled, fillcolor=lightgrey added for a leaf
// and per input one line   n1 -> n0;   then "}". A node that `names` lists, a leaf or an op's result, shows its name in
// place of "leaf" or of the op.
// The \n is a backslash and an n: Graphviz breaks the line there. In names, escape quotes and backslashes.
// Hint: number the nodes first, in a map from const Node*; x * x has two arrows.
std::string graph_dot(const Tensor& root, const std::vector<std::pair<std::string, Tensor>>& names) {
  todo("05.6");
}

}  // namespace rushlight
