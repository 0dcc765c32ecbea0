// hooks.cpp: to watch a gradient on its way, or to change it.
#include <algorithm>
#include <atomic>
#include <utility>

#include "01_tensor/todo.hpp"
#include "05_autograd/autograd.hpp"

namespace rushlight {

// 05.4 register_hook  x (with a place in a graph), hook -> a handle; appends (id, hook) to the node's hooks
// GraphError when x has no node. Every hook gets an id that no other hook ever had; 0 is not an id.
// Hint: HookHandle(x.node(), id).
HookHandle register_hook(const Tensor& x, GradHook hook) {
  todo("05.4");
}

// 05.4 run_hooks  node, gradient (node.shape) -> what the last hook leaves of it
// In order of registration: each hook sees what the one before returned; an undefined Array means "as it was".
// ShapeError, naming node.op and both shapes, when a replacement does not have node.shape.
// Look out for: a hook may remove itself, remove the next one, or register a new one, while you walk through the list.
// Hint: note the ids first. Before each call look whether the id is still there, and copy the function out of the list.
Array run_hooks(const Node& node, Array gradient) {
  todo("05.4");
}

}  // namespace rushlight
