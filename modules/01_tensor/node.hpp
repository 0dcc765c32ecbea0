// node.hpp: what the graph is made of. Given, so that the derivative of every op can be written and tested before
// the engine that uses it exists (module 05).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "01_tensor/array.hpp"

namespace rushlight {

struct Node;

// What a rule needs from the forward pass. Saving less keeps less memory alive until the backward pass.
enum class Save : std::uint8_t { nothing = 0, inputs = 1, output = 2, all = 3 };

// What a rule sees when the gradient arrives.
class Backward {
 public:
  Backward(const Node& node, const Array& incoming);

  const Array& grad;  // dL/d(output), the output's shape
  const Array& out;   // the output's value; undefined unless Save::output was asked for

  // Each throws GraphError when the op has no input i.
  const Array& in(int i) const;        // value of input i; GraphError unless Save::inputs was asked for
  const Shape& in_shape(int i) const;  // always there
  bool needs(int i) const;             // whether anybody wants the gradient of input i

 private:
  const Node& node_;
};

// One gradient per input, in order. It may still have the broadcast shape: the engine sums it down. An undefined
// Array means "nobody asked" (needs(i) was false) or "no gradient flows here".
using Rule = std::function<Arrays(const Backward&)>;

// Sees a gradient on its way; returns a replacement, or an undefined Array to leave it alone.
using GradHook = std::function<Array(const Array&)>;

struct Node {
  explicit Node(const char* op_name, const Shape& output_shape);
  ~Node();  // iterative: a chain of 10^6 nodes must not recurse
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  const char* op;         // "matmul"; "leaf" for a tensor that the user made
  std::uint64_t id;       // order of creation
  Shape shape;            // of the output
  Rule rule;              // empty for a leaf
  bool released = false;  // a backward pass has used the rule up

  struct Input {
    std::shared_ptr<Node> node;  // null: no gradient wanted
    Shape shape;
    Array saved;                // its value, where Save::inputs was asked for, until the backward pass
    std::uint64_t version = 0;  // of that value, to notice a change in place before the backward pass
  };
  std::vector<Input> inputs;  // in the order of the op's arguments; none for a leaf

  Save save = Save::nothing;
  Array saved_output;
  std::uint64_t saved_output_version = 0;

  Array grad;                                             // accumulated here, for leaves and where retain_grad is set
  bool retain_grad = false;                               // leaves always keep theirs
  std::vector<std::pair<std::uint64_t, GradHook>> hooks;  // handle id and function, in order of registration

  bool is_leaf() const { return inputs.empty(); }
};

// Calls the node's rule with the incoming gradient. Throws GraphError, naming the op, when the graph was released,
// when a saved value was changed in place since, or when the rule returns the wrong number of gradients.
// It does not sum down to the inputs' shapes: that is the engine's part.
Arrays local_gradients(const Node& node, const Array& incoming);

// Drops rule and saved values, so that memory is free as soon as the backward pass is done with this node.
void release(Node& node);

// Whether ops record what they do. Per thread, on by default.
bool grad_enabled();
void set_grad_enabled(bool enabled);

// Called after every op with its name and value, whether or not it was recorded. One per thread; returns the
// previous one. Anomaly mode (05) and the profiler (14) live here.
using OpObserver = std::function<void(const char* op, const Array& value)>;
OpObserver set_op_observer(OpObserver observer);

}  // namespace rushlight
