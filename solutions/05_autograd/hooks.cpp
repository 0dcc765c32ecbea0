// hooks.cpp: to watch a gradient on its way, or to change it.
#include <algorithm>
#include <atomic>
#include <utility>

#include "01_tensor/todo.hpp"
#include "05_autograd/autograd.hpp"

namespace rushlight {
namespace {  // solution

std::atomic<std::uint64_t> next_hook_id{1};  // never used twice: a handle must not remove somebody else's hook

// A copy, since a hook may remove itself while it runs; empty when the hook is gone.
GradHook find_hook(const Node& node, std::uint64_t id) {
  const auto found =
      std::find_if(node.hooks.begin(), node.hooks.end(), [&](const auto& hook) { return hook.first == id; });
  return found == node.hooks.end() ? GradHook() : found->second;
}

}  // namespace

// 05.4 register_hook  x (with a place in a graph), hook -> a handle; appends (id, hook) to the node's hooks
// GraphError when x has no node. Every hook gets an id that no other hook ever had; 0 is not an id.
// Hint: HookHandle(x.node(), id).
HookHandle register_hook(const Tensor& x, GradHook hook) {
  if (!x.requires_grad()) {
    throw GraphError(
        "register_hook: no gradient will pass this tensor: it does not require one. Call requires_grad_() "
        "before the forward pass.");
  }
  const std::uint64_t id = next_hook_id.fetch_add(1, std::memory_order_relaxed);
  x.node()->hooks.emplace_back(id, std::move(hook));
  return HookHandle(x.node(), id);
}

// 05.4 run_hooks  node, gradient (node.shape) -> what the last hook leaves of it
// In order of registration: each hook sees what the one before returned; an undefined Array means "as it was".
// ShapeError, naming node.op and both shapes, when a replacement does not have node.shape.
// Look out for: a hook may remove itself, remove the next one, or register a new one, while you walk through the list.
// Hint: note the ids first. Before each call look whether the id is still there, and copy the function out of the list.
Array run_hooks(const Node& node, Array gradient) {
  std::vector<std::uint64_t> ids;
  for (const auto& hook : node.hooks) ids.push_back(hook.first);
  for (const std::uint64_t id : ids) {
    const GradHook hook = find_hook(node, id);
    if (!hook) continue;  // an earlier hook removed it
    Array replacement = hook(gradient);
    if (!replacement.defined()) continue;
    if (replacement.shape() != node.shape) {
      throw ShapeError("hook on {}: it returned a gradient of shape {} for a tensor of shape {}.",
                       {node.op, replacement.shape(), node.shape});
    }
    gradient = std::move(replacement);
  }
  return gradient;
}

}  // namespace rushlight
