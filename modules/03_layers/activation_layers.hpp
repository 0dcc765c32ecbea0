// activation_layers.hpp: functions of module 02 in the shape of a Module, so that a Sequential can hold them. They own
// nothing. Given.
#pragma once

#include "02_activations/activations.hpp"
#include "03_layers/module.hpp"

namespace rushlight {

struct Relu : Module {
  Tensor forward(const Tensor& x) override { return relu(x); }
  void members(Members&) override {}
};

struct Sigmoid : Module {
  Tensor forward(const Tensor& x) override { return sigmoid(x); }
  void members(Members&) override {}
};

struct Tanh : Module {
  Tensor forward(const Tensor& x) override { return tanh(x); }
  void members(Members&) override {}
};

struct Gelu : Module {
  Tensor forward(const Tensor& x) override { return gelu(x); }
  void members(Members&) override {}
};

// (N, ...) -> (N, product of the rest): an image becomes a row.
struct Flatten : Module {
  Tensor forward(const Tensor& x) override {
    if (x.rank() < 1) throw ShapeError("Flatten: a scalar has no batch axis; x must be (N, ...).");
    std::int64_t rest = 1;
    for (int axis = 1; axis < x.rank(); ++axis) rest *= x.dim(axis);
    return reshape(x, {x.dim(0), rest});
  }
  void members(Members&) override {}
};

}  // namespace rushlight
