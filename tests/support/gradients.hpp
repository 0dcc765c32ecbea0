// gradients.hpp: the gradient probe. The loss is L = sum(c * y) with a fixed, non-uniform c: a plain sum is blind to
// softmax, layer norm and a permute with the wrong rule.
#pragma once

#include <gtest/gtest.h>

#include <functional>

#include "01_tensor/tensor.hpp"

namespace rushlight::test {

Array cotangent(const Shape& shape);  // 0.21 + 0.13 * i, wrapped so that large shapes stay small

using Function = std::function<Tensor(const Tensors&)>;

struct GradientOptions {
  double floor = 1e-8;  // the largest gradient of every input must exceed it; negative: no floor
  double step = sizeof(Real) == 8 ? 1e-6 : 1e-3;
  double tolerance = sizeof(Real) == 8 ? 1e-7 : 2e-2;  // relative to max(|analytic|, |numeric|, 1)
  std::vector<bool> differentiable = {};               // empty: every input
};

// For y = f(inputs): y has a place in the graph, every input receives a gradient (grad_ok), and every entry of it
// agrees with a central difference. Nothing is written to on the way, a call of f in between changes nothing, and an input's
// gradient is the same when it is the only one that wants one. A write to an input or to the output before the rules run is
// an error or changes nothing, and the last op saves only what its rule reads. Reports as gtest failures that name the input and the entry.
// The last two parameters are the caller's place, where a failure is shown.
void expect_gradients(const Function& f, const Arrays& inputs, const GradientOptions& options = {},
                      const char* file = __builtin_FILE(), int line = __builtin_LINE());

// dL/d(inputs[i]) by central differences, every entry.
Array numeric_gradient(const Function& f, const Arrays& inputs, std::size_t i, double step);

// dL/d(inputs) by the rules, through the naive tape; undefined where nothing arrived.
Arrays tape_gradients(const Function& f, const Arrays& inputs);

}  // namespace rushlight::test
