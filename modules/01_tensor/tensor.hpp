// tensor.hpp: a Tensor is a handle to an Array and its place in the graph. Copies share both, as in PyTorch.
// Differences from PyTorch: grad() is an Array, not a Tensor (no gradients of gradients), and there is one dtype.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "01_tensor/node.hpp"
#include "01_tensor/primitives.hpp"

namespace rushlight {

class Tensor;
Tensor make_recorded(const Array& value, std::shared_ptr<Node> node);  // record()'s last step; nobody else calls it

class Tensor {
 public:
  Tensor() noexcept;                                       // no tensor: defined() is false
  Tensor(const Array& value, bool requires_grad = false);  // NOLINT: an Array is a Tensor without history
  Tensor(Real scalar) : Tensor(Array::scalar(scalar)) {}   // NOLINT: so that 2 * x reads as math
  Tensor(const Tensor&) noexcept;                          // in node.cpp, to spare compile time, as Array's
  Tensor(Tensor&&) noexcept;
  Tensor& operator=(const Tensor&) noexcept;
  Tensor& operator=(Tensor&&) noexcept;
  ~Tensor();

  bool defined() const { return state_ != nullptr; }
  const Array& value() const;
  const Shape& shape() const { return value().shape(); }
  int rank() const { return value().rank(); }
  std::int64_t size() const { return value().size(); }
  std::int64_t dim(int axis) const { return value().dim(axis); }
  Real item() const { return value().item(); }
  Device device() const { return value().device(); }

  bool requires_grad() const;
  Tensor& requires_grad_(bool on = true);  // leaves only; throws GraphError otherwise
  bool is_leaf() const;
  const std::shared_ptr<Node>& node() const;             // null when no gradient is wanted
  const void* identity() const { return state_.get(); }  // equal for handles of one tensor, and for no others

  const Array& grad() const;  // undefined until a backward pass has reached this tensor
  void set_grad(const Array& grad);
  void zero_grad();    // back to undefined, as torch's set_to_none=True
  void retain_grad();  // keep the gradient of a tensor that is not a leaf

  Array& mutable_value();              // for optimizers and initialisers: change a leaf outside the graph
  void set_value(const Array& value);  // keeps the place in the graph, and the device; shapes must agree

  // Written in module 05.
  void backward() const;                   // this tensor has one element
  void backward(const Array& seed) const;  // seed = dL/d(this)
  Tensor detach() const;                   // same value, no history

 private:
  friend Tensor make_recorded(const Array& value, std::shared_ptr<Node> node);
  struct State {
    Array value;
    std::shared_ptr<Node> node;
  };
  std::shared_ptr<State> state_;
};

using Tensors = std::vector<Tensor>;

// The one way an op enters the graph: its value, its inputs and its local derivative. When no input requires a
// gradient (or recording is off) only the value remains. `save` says what the rule will read, and no more:
// what is saved stays in memory, and may not be changed, until the backward pass. The rules of add, sub, neg, where, sum,
// mean and those of 01.9 read neither inputs nor output. Rules capture numbers, Indices, Masks and Arrays, never Tensors;
// and never the Array of an input or of the output: a write into one that is captured, not saved, goes unnoticed.
Tensor record(const char* op, const Array& value, std::initializer_list<Tensor> inputs, Save save, Rule rule);
Tensor record(const char* op, const Array& value, const Tensors& inputs, Save save, Rule rule);

// --- 01.7 arithmetic with derivatives (tensor_arithmetic.cpp) -------------------------------------------------

Tensor add(const Tensor& a, const Tensor& b);
Tensor sub(const Tensor& a, const Tensor& b);
Tensor mul(const Tensor& a, const Tensor& b);
Tensor div(const Tensor& a, const Tensor& b);
Tensor neg(const Tensor& x);
Tensor exp(const Tensor& x);
Tensor log(const Tensor& x);
Tensor sqrt(const Tensor& x);
Tensor abs(const Tensor& x);  // abs'(0) = 0
Tensor pow(const Tensor& x, Real exponent);
Tensor maximum(const Tensor& a, const Tensor& b);  // a tie sends half to each, as in PyTorch
Tensor minimum(const Tensor& a, const Tensor& b);
Tensor where(const Mask& condition, const Tensor& a, const Tensor& b);

inline Tensor operator+(const Tensor& a, const Tensor& b) { return add(a, b); }
inline Tensor operator-(const Tensor& a, const Tensor& b) { return sub(a, b); }
inline Tensor operator*(const Tensor& a, const Tensor& b) { return mul(a, b); }
inline Tensor operator/(const Tensor& a, const Tensor& b) { return div(a, b); }
inline Tensor operator-(const Tensor& x) { return neg(x); }

// --- 01.8 products and reductions with derivatives (tensor_reduce.cpp) ----------------------------------------

Tensor matmul(const Tensor& a, const Tensor& b, MatmulFlags flags = {});
Tensor sum(const Tensor& x, const Axes& axes = {}, bool keepdim = false);
Tensor mean(const Tensor& x, const Axes& axes = {}, bool keepdim = false);
// Equal maxima share the gradient, as in torch.amax. A line whose maximum is NaN has no winner: its gradient is 0 or NaN
// (there: NaN).
Tensor max(const Tensor& x, const Axes& axes = {}, bool keepdim = false);

// --- 01.9 movement and indexing with derivatives (tensor_movement.cpp) ----------------------------------------

Tensor reshape(const Tensor& x, const Shape& shape);
Tensor permute(const Tensor& x, const Axes& axes);
Tensor transpose(const Tensor& x, int axis_a, int axis_b);
Tensor broadcast_to(const Tensor& x, const Shape& shape);
Tensor concat(const Tensors& parts, int axis);
Tensor slice(const Tensor& x, int axis, Slice range);
Tensor take(const Tensor& table, const Indices& ids);
Tensor gather(const Tensor& x, int axis, const Indices& index);

std::string to_string(const Tensor& tensor);

}  // namespace rushlight
