// autograd.hpp: what makes derivatives flow. Every op brought its local derivative along (modules 01-04); here they
// are put in order, called, summed and released.
//
// Differences from PyTorch: a gradient is an Array, not a Tensor, so there are no gradients of gradients; a hook is
// removed when its handle goes out of scope; an Array that you took from grad() never changes under your hands.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "01_tensor/tensor.hpp"
#include "05_autograd/hook_handle.hpp"

namespace rushlight {

// --- 05.1 order (order.cpp) -----------------------------------------------------------------------------------

using Order = std::vector<std::shared_ptr<Node>>;

// Every node that `root` depends on, root included, each once, an output before its inputs, also where a backward pass
// has used them up. Loops, not recursion: depth is data. Its time grows with the number of nodes and edges, at most by a
// logarithm faster. Empty when root is null.
Order topological_order(const std::shared_ptr<Node>& root);

// --- 05.2 the backward pass (backward.cpp) --------------------------------------------------------------------

struct BackwardOptions {
  bool retain_graph = false;  // true: the graph may be used again; false: it is released as the pass goes along
};

// Who takes part in a pass, and what becomes of the gradients.
struct PassPlan {
  std::function<bool(const Node&)> wanted;     // gradients go to these nodes only; empty: to every node
  std::function<void(Node&, Array)> complete;  // called with each node's gradient once nothing more can arrive
};

// The engine. `order` is what topological_order gave; seed = dL/d(order.front()), the shape of that node. Every rule
// is called at most once. Between rule and input each gradient is summed down to the input's shape.
// Throws ShapeError that names the op when a rule's gradient does not fit, GraphError when the graph was released.
// When it throws, gradients that were complete by then have been delivered, and what was released stays released.
void run_backward(const Order& order, const Array& seed, const PassPlan& plan, BackwardOptions options = {});

// Adds dL/d(leaf) to every leaf's grad, where dL/d(root) = seed, and to the grad of every tensor with retain_grad.
// grad() then shares its buffer with no other tensor's; an Array taken from grad() earlier keeps its values.
// Throws GraphError when root has no graph or one that was released, ShapeError when the seed is not of root's shape.
void backward(const Tensor& root, const Array& seed, BackwardOptions options = {});

// The same for a root of one element, with seed 1. Throws ShapeError for more and for none. Tensor::backward() calls these.
void backward(const Tensor& root, BackwardOptions options = {});

// --- 05.3 grad and detach (grad.cpp) --------------------------------------------------------------------------

// dL/d(inputs[i]) for L = root (one element), without touching anybody's grad. Inputs may be leaves or the results of
// ops. Undefined where nothing arrives. Only rules that lie between root and the inputs are called and released.
// Throws GraphError when root or an input has no graph, ShapeError when root has not one element.
Arrays grad(const Tensor& root, const Tensors& inputs, BackwardOptions options = {});

// Tensor::detach() too.

// --- recording off and on (given, grad_mode.cpp) --------------------------------------------------------------

// While it lives, ops of this thread record nothing; what was before is restored at the end of the scope, after an
// exception too.
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

// --- 05.4 hooks (hooks.cpp; the handle is given, hook_handle.cpp) ---------------------------------------------

void remove_hook(Node& node, std::uint64_t id) noexcept;  // nothing where the hook is gone already

using HookHandle = HandleOf<Node>;  // may outlive the tensor
extern template class HandleOf<Node>;

// Calls hook(dL/dx) when the gradient of x is complete, before it is passed on, kept or accumulated. Hooks run in the
// order of registration; what one returns (if defined) replaces the gradient for the next. A hook that wants to change
// the gradient returns a new Array and leaves its argument alone. Throws GraphError when x has no place in a graph.
[[nodiscard]] HookHandle register_hook(const Tensor& x, GradHook hook);

// The gradient after all hooks of the node. A hook may remove itself or another; one that was removed before its turn
// is not called, one that was added meanwhile waits for the next pass. Throws ShapeError, naming the op, when a
// replacement has another shape than the node.
Array run_hooks(const Node& node, Array gradient);

// --- 05.5 gradcheck (gradcheck.cpp) ---------------------------------------------------------------------------

struct GradcheckOptions {
  double step = sizeof(Real) == 8 ? 1e-6 : 1e-3;
  double tolerance = sizeof(Real) == 8 ? 1e-7 : 2e-2;  // relative to max(|analytic|, |numeric|, 1)
};

struct GradcheckReport {
  bool passed = true;
  double worst = 0;       // largest relative difference; infinite where one side is not a number
  std::size_t input = 0;  // where
  std::int64_t entry = 0;
  std::string message;  // empty when passed; otherwise names input, entry, both derivatives
};

// dL/d(inputs[i]) by central differences, every entry, for the probe loss L = sum(c * f(inputs)) with the fixed
// c = 0.21 + 0.13 * (k mod 11) at flat position k. A plain sum is blind: softmax has zero gradient under it.
// L is summed in double, and each difference is divided by the step that Real really took. Entries are read and written
// one by one, so the inputs must be on the CPU.
Array central_differences(const std::function<Tensor(const Tensors&)>& f, const Arrays& inputs, std::size_t i,
                          double step);

// Compares backward() with central_differences(), entry by entry of every input. An input that no gradient reaches
// counts as zeros. Fails, with a message that says so, when f gives two different values for the same inputs (a dropout
// left on) and when its output has no place in the graph.
GradcheckReport gradcheck(const std::function<Tensor(const Tensors&)>& f, const Arrays& inputs,
                          GradcheckOptions options = {});

// --- 05.6 looking inside (inspect.cpp; the scope is given, anomaly_mode.cpp) ----------------------------------

struct AnomalyOptions {
  bool infinities = false;  // true: an infinity is reported as well as a NaN (a mask of -inf would be, too)
};

// While it lives, the first op of this thread whose value contains a NaN throws ValueError that names it, and so does
// the first rule whose gradient does. Any observer that was there before is still called. It reads every number, so the
// arrays must be on the CPU.
class AnomalyMode {
 public:
  explicit AnomalyMode(AnomalyOptions options = {});
  ~AnomalyMode();
  AnomalyMode(const AnomalyMode&) = delete;
  AnomalyMode& operator=(const AnomalyMode&) = delete;

  static bool enabled();
  static AnomalyOptions options();  // of the innermost scope

 private:
  OpObserver before_;
  bool was_enabled_;
  AnomalyOptions options_before_;
};

// What anomaly mode asks of an op's value: throws ValueError that names op, shape, the first bad index and the number.
void check_value(const char* op, const Array& value);

// What anomaly mode asks of a rule's gradients: throws ValueError that names op and input. Undefined ones are skipped.
// run_backward calls it after each rule while AnomalyMode::enabled().
void check_gradients(const Node& node, const Arrays& gradients);

// The graph under `root` in Graphviz's language: one box per node with op and shape, leaves shaded, an arrow from each
// input to what was made of it. A node that `names` lists, a leaf or an op's result, shows its name in place of "leaf" or
// of the op: graph_dot(loss, net.named_parameters()). `dot -Tsvg` draws it.
// Throws GraphError when root has no graph.
std::string graph_dot(const Tensor& root, const std::vector<std::pair<std::string, Tensor>>& names = {});

}  // namespace rushlight
