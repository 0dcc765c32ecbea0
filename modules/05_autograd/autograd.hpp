// autograd.hpp: what makes derivatives flow. Every op brought its local derivative along (modules 01-04); here they
// are put in order, called, summed and released.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "01_tensor/tensor.hpp"

namespace rushlight {

// --- 05.1 order (order.cpp) -----------------------------------------------------------------------------------

// Every node that `root` depends on, each once, an output before its inputs. Loops, not recursion: depth is data.
std::vector<std::shared_ptr<Node>> topological_order(const std::shared_ptr<Node>& root);

// --- 05.2 the backward pass (backward.cpp) --------------------------------------------------------------------

struct BackwardOptions {
  bool retain_graph = false;  // true: the graph may be used again; false: it is released as the pass goes along
};

// Adds dL/d(leaf) to every leaf's grad, where dL/d(root) = seed. Also written in terms of it: Tensor::backward().
// Throws GraphError when root has no graph, ShapeError when a rule returns a gradient that does not fit its input
// (the message names the op), GraphError on a second pass through a released graph.
void backward(const Tensor& root, const Array& seed, BackwardOptions options = {});

// dL/d(inputs[i]) for L = root (one element), without touching any leaf's grad. Undefined where nothing arrives.
Arrays grad(const Tensor& root, const Tensors& inputs, BackwardOptions options = {});

// --- 05.3 switches (grad_mode.cpp) ----------------------------------------------------------------------------

// While it lives, ops record nothing; what was before is restored at the end of the scope, after an exception too.
class NoGrad {
 public:
  NoGrad();
  ~NoGrad();
  NoGrad(const NoGrad&) = delete;
  NoGrad& operator=(const NoGrad&) = delete;

 private:
  bool before_;
};

// The other way round, inside a NoGrad.
class EnableGrad {
 public:
  EnableGrad();
  ~EnableGrad();
  EnableGrad(const EnableGrad&) = delete;
  EnableGrad& operator=(const EnableGrad&) = delete;

 private:
  bool before_;
};

// --- 05.4 hooks (hooks.cpp) -----------------------------------------------------------------------------------

// Removes its hook when asked to, or when it goes out of scope. Moves, does not copy.
class HookHandle {
 public:
  HookHandle() = default;
  HookHandle(std::weak_ptr<Node> node, std::uint64_t id) : node_(std::move(node)), id_(id) {}
  HookHandle(HookHandle&& other) noexcept;
  HookHandle& operator=(HookHandle&& other) noexcept;
  ~HookHandle();

  void remove();  // a second call does nothing
  void keep();    // lets go without removing: the hook stays as long as the tensor's graph

 private:
  std::weak_ptr<Node> node_;
  std::uint64_t id_ = 0;
};

// Calls hook(dL/dx) when the gradient of x is complete, before it is passed on or accumulated. Hooks run in the order
// of registration; what one returns (if defined) replaces the gradient for the next. Throws GraphError when x has
// no place in a graph, ShapeError when a replacement has another shape.
[[nodiscard]] HookHandle register_hook(const Tensor& x, GradHook hook);

// --- 05.5 gradcheck (gradcheck.cpp) ---------------------------------------------------------------------------

struct GradcheckOptions {
  double step = sizeof(Real) == 8 ? 1e-6 : 1e-3;
  double tolerance = sizeof(Real) == 8 ? 1e-7 : 2e-2;  // relative to max(|analytic|, |numeric|, 1)
};

struct GradcheckReport {
  bool passed = true;
  double worst = 0;         // largest relative difference
  std::size_t input = 0;    // where
  std::int64_t entry = 0;
  std::string message;      // empty when passed; otherwise names input, entry, both derivatives
};

// Compares backward() with central differences, entry by entry of every input, for the probe loss
// L = sum(c * f(inputs)) with a fixed non-uniform c.
GradcheckReport gradcheck(const std::function<Tensor(const Tensors&)>& f, const Arrays& inputs,
                          GradcheckOptions options = {});

// --- 05.6 looking inside (inspect.cpp) ------------------------------------------------------------------------

// While it lives, the first op whose value contains a NaN or an infinity throws ValueError that names it, and so does
// the first rule whose gradient does.
class AnomalyMode {
 public:
  AnomalyMode();
  ~AnomalyMode();
  AnomalyMode(const AnomalyMode&) = delete;
  AnomalyMode& operator=(const AnomalyMode&) = delete;

  static bool enabled();

 private:
  OpObserver before_;
};

// The graph under `root` in Graphviz's language: one box per node with op and shape, leaves shaded, an arrow from each
// input to what was made of it. `dot -Tsvg` draws it.
std::string graph_dot(const Tensor& root);

}  // namespace rushlight
