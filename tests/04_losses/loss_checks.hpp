// loss_checks.hpp: what every loss is asked.
#pragma once

#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "04_losses/losses.hpp"
#include "support/installed.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {

using Doubles = std::vector<double>;
using Loss = std::function<Tensor(Reduction)>;

constexpr std::int32_t skip = -100;  // the label that does not count, unless told

inline Array array_from(const Shape& shape, const Doubles& values) {
  return Array(shape, std::vector<Real>(values.begin(), values.end()));
}

// none gives `expected` in its shape, sum their sum, mean their sum over `count`, both as scalars.
inline void expect_reductions(const Loss& loss, const Shape& shape, const Doubles& expected, double count,
                              Tolerance tolerance = value_tolerance) {
  const double total = std::accumulate(expected.begin(), expected.end(), 0.0);
  EXPECT_TRUE(near(loss(Reduction::none).value(), shape, expected, tolerance)) << "(reduction none)";
  EXPECT_TRUE(near(loss(Reduction::sum).value(), Shape{}, {total}, tolerance)) << "(reduction sum)";
  EXPECT_TRUE(near(loss(Reduction::mean).value(), Shape{}, {total / count}, tolerance)) << "(reduction mean)";
}

// dL/dx for L = sum(c * f(x)); c of the loss's shape. An undefined c stands for 1 everywhere.
inline Array gradient_of(const std::function<Tensor(const Tensor&)>& f, const Array& x, const Array& c = {}) {
  const Tensor leaf(x, true);
  const Tensor y = f(leaf);
  return Tape(y, c.defined() ? c : Array::full(y.shape(), 1)).grad(leaf);
}

// The gradients of all three reductions, every entry, for every input.
inline void expect_gradients_of_reductions(const std::function<Tensor(const Tensors&, Reduction)>& f,
                                           const Arrays& inputs, const GradientOptions& options = {.floor = 1e-3}) {
  for (const Reduction reduction : {Reduction::none, Reduction::mean, Reduction::sum}) {
    SCOPED_TRACE(testing::Message() << "reduction " << static_cast<int>(reduction));
    expect_gradients([&](const Tensors& in) { return f(in, reduction); }, inputs, options);
  }
}

}  // namespace rushlight::test
