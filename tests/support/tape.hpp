// tape.hpp: a backward pass that is too naive to be wrong: it walks every path of the graph recursively and sums
// broadcasts back with its own loop. Exponential in diamonds, so for small graphs only. Modules 01-04 are tested with
// it, since the engine comes in 05; from 05 on the engine must agree with it.
#pragma once

#include <map>

#include "01_tensor/tensor.hpp"

namespace rushlight::test {

// dL/d(node) for every node of `output`'s graph, where dL/d(output) = seed.
class Tape {
 public:
  Tape(const Tensor& output, const Array& seed);

  // Undefined when no gradient reached the tensor.
  Array grad(const Tensor& tensor) const;
  Array grad(const Node& node) const;
  bool reached(const Tensor& tensor) const { return gradients_.count(tensor.node().get()) > 0; }

 private:
  void visit(const Node& node, const Array& incoming);
  std::map<const Node*, Array> gradients_;
};

// Sums `gradient` down to `shape`, as un-broadcasting does, with plain loops. Throws ShapeError if it does not fit.
Array plain_sum_to(const Array& gradient, const Shape& shape);

}  // namespace rushlight::test
