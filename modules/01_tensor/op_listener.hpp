// op_listener.hpp: an ear at every op, every rule and every block of memory, for a profiler (module 14). An OpObserver
// (node.hpp) learns an op's name and value alone; this one sees the inputs, the backward pass and the memory too. Given.
#pragma once

#include <cstdint>
#include <span>

#include "01_tensor/tensor.hpp"

namespace rushlight {

// An op that has just computed its value.
struct OpCall {
  const char* op;
  const Array& value;
  std::span<const Tensor> inputs;
  const Node* node;  // what will know its rule; null where nothing was recorded
};

// What listens. Nothing that it is handed outlives the call.
class OpListener {
 public:
  virtual ~OpListener() = default;
  virtual void op(const OpCall& call) = 0;
  virtual void rule_begins(const Node& node) = 0;
  // Not called where the rule threw.
  virtual void rule_ends(const Node& node, const Arrays& gradients) = 0;
  // A block of numbers on the CPU was taken (more than 0) or given back (less) in this thread.
  virtual void memory(std::int64_t bytes) noexcept = 0;
};

// One per thread, none at first. Returns the previous one. It must outlive its time here.
OpListener* set_op_listener(OpListener* listener) noexcept;

namespace detail {
extern constinit thread_local OpListener* op_listener;  // without a listener, an op costs one look at it
}

}  // namespace rushlight
