// hook_run.cpp: what happens when a tensor passes a hook point, on its way forwards and on its gradient's way back.
#include <algorithm>
#include <utility>

#include "01_tensor/todo.hpp"
#include "13_transformers/hooks.hpp"

namespace rushlight {

// 13.1 HookPoint::run_hooks  x (any shape) -> same shape
// Forward: each hook in order, on what the one before left; an undefined Tensor means "as it was". Then, if there are
// backward hooks and the result requires a gradient: record("hook", ...), an op with the same value, whose rule runs
// the backward hooks in order on bw.grad. check_hook_kept_shape (given) after every replacement, in both directions.
// Only the hooks count that were there when x arrived and are still there when their turn comes, backward ones in the
// backward pass: what a hook adds meanwhile waits for the next forward pass.
// Look out for: a hook may remove itself or others while you walk through the list (as in module 05); the model may be
// gone when the rule runs, so capture a weak pointer to the list, never `this`.
// Hint: ids count upwards, so "was there when x arrived" means id <= list_->last_id of that moment.
Tensor HookPoint::run_hooks(const Tensor& x) {
  todo("13.1");
}

}  // namespace rushlight
