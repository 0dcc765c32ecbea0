// hook_cache.cpp: what hooks are mostly used for: to keep what passed.
#include <iostream>
#include <utility>

#include "01_tensor/todo.hpp"
#include "13_transformers/hooks.hpp"

namespace rushlight {
namespace {

// The result of a run whose graph nobody has gone back through.
bool waits_for_backward(const Tensor& result) {
  return result.defined() && result.requires_grad() && !result.is_leaf() && !result.node()->released;
}

void warn_that_hooks_are_gone() {
  std::cerr << "run_with_hooks: the backward hooks are removed now, and backward() has not been called yet: they will "
               "not run. Call backward() inside of run, or keep a HookScope around both.\n";
}

}  // namespace

// 13.3 make_capture_hook  store, name -> a forward hook that puts a copy of the value into store[name or place.name]
// Hint: a copy has a buffer of its own: clone(). A hook that returns an undefined Tensor changes nothing.
ForwardHook make_capture_hook(ActivationCache& store, std::string name) {
  return [&store, name = std::move(name)](const Tensor& value, HookPlace& place) {
    store[name.empty() ? place.name : name] = value.value().clone();
    return Tensor();
  };
}

// 13.3 make_grad_capture_hook  store, name -> the same for a gradient; the key is name, or place.name + "_grad"
// Hint: as above.
GradientHook make_grad_capture_hook(ActivationCache& store, std::string name) {
  return [&store, name = std::move(name)](const Array& gradient, HookPlace& place) {
    store[name.empty() ? place.name + "_grad" : name] = gradient.clone();
    return Array();
  };
}

// 13.3 run_with_hooks  model, requests, run -> run(), with the hooks in place until it is over or has thrown
// A warning (warn_that_hooks_are_gone) when a request has a backward hook and the result still waits_for_backward.
// Hint: a HookScope on the stack.
Tensor run_with_hooks(Module& model, const HookRequests& requests, const std::function<Tensor()>& run) {
  const HookScope scope(model, requests);
  const Tensor result = run();
  for (const HookRequest& request : requests) {
    if (!request.backward || !waits_for_backward(result)) continue;
    warn_that_hooks_are_gone();
    break;
  }
  return result;
}

// 13.3 run_with_cache  model, run, options -> {what run() returned, copies of all that passed the named places}
// With incl_bwd: calls backward() of the result and keeps the gradients, too.
// Hint: a request with the two capture hooks, and a HookScope.
CachedRun run_with_cache(Module& model, const std::function<Tensor()>& run, const CacheOptions& options) {
  CachedRun result;
  HookRequest request{.at = options.names, .forward = make_capture_hook(result.cache)};
  if (options.incl_bwd) request.backward = make_grad_capture_hook(result.cache);
  const HookScope scope(model, {request});
  result.out = run();
  if (options.incl_bwd) result.out.backward();
  return result;
}

}  // namespace rushlight
