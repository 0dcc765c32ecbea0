// order.cpp: in which order the rules are called.
#include <algorithm>
#include <utility>

#include "01_tensor/todo.hpp"
#include "05_autograd/autograd.hpp"

namespace rushlight {

// 05.1 topological_order  root -> root and all it depends on, each node once, an output before its inputs; {} for null
// A node may only come once everything that was made of it has come: its gradient is complete only then. Null inputs
// (no gradient wanted) are left out. 10^6 nodes in a row must not recurse, nor be searched through for each of them;
// 60 diamonds on top of each other have 2^60 paths but 181 nodes: never walk paths.
// Hint: an op's node is made after its inputs' nodes, so id grows from input to output. Keep the nodes you know of in
// a heap and always take the one with the largest id; a node that several others used comes out several times in a row.
Order topological_order(const std::shared_ptr<Node>& root) {
  todo("05.1");
}

}  // namespace rushlight
