// oracle.hpp: the update rules of torch.optim, written down a second time in double precision over plain vectors, line
// by line as PyTorch's documentation prints them. Nothing here comes from the code under test.
#pragma once

#include <array>
#include <cmath>
#include <vector>

#include "06_optimizers/adam.hpp"
#include "06_optimizers/rmsprop.hpp"
#include "06_optimizers/sgd.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {

using Doubles = std::vector<double>;

struct OracleSGD {
  SGDOptions o;
  int t = 0;
  Doubles b = {};

  void step(Doubles& theta, const Doubles& grad) {
    ++t;
    if (b.empty()) b.resize(theta.size());
    for (std::size_t i = 0; i < theta.size(); ++i) {
      double g = grad[i];
      if (o.weight_decay != 0) g += o.weight_decay * theta[i];
      if (o.momentum != 0) {
        if (t > 1) {
          b[i] = o.momentum * b[i] + (1 - o.dampening) * g;
        } else {
          b[i] = g;
        }
        if (o.nesterov) {
          g = g + o.momentum * b[i];
        } else {
          g = b[i];
        }
      }
      theta[i] = theta[i] - o.lr * g;
    }
  }
};

struct OracleRMSprop {
  RMSpropOptions o;
  Doubles v = {}, m = {}, b = {};

  void step(Doubles& theta, const Doubles& grad) {
    v.resize(theta.size());
    m.resize(theta.size());
    b.resize(theta.size());
    for (std::size_t i = 0; i < theta.size(); ++i) {
      double g = grad[i];
      if (o.weight_decay != 0) g += o.weight_decay * theta[i];
      v[i] = o.alpha * v[i] + (1 - o.alpha) * g * g;
      double average = v[i];
      if (o.centered) {
        m[i] = o.alpha * m[i] + (1 - o.alpha) * g;
        average -= m[i] * m[i];
      }
      if (o.momentum > 0) {
        b[i] = o.momentum * b[i] + g / (std::sqrt(average) + o.eps);
        theta[i] -= o.lr * b[i];
      } else {
        theta[i] -= o.lr * g / (std::sqrt(average) + o.eps);
      }
    }
  }
};

template <class Options, bool decoupled>
struct OracleAdamLike {
  Options o;
  int t = 0;
  Doubles m = {}, v = {};

  void step(Doubles& theta, const Doubles& grad) {
    ++t;
    m.resize(theta.size());
    v.resize(theta.size());
    for (std::size_t i = 0; i < theta.size(); ++i) {
      double g = grad[i];
      if (decoupled) {
        theta[i] -= o.lr * o.weight_decay * theta[i];
      } else {
        g += o.weight_decay * theta[i];
      }
      m[i] = o.betas[0] * m[i] + (1 - o.betas[0]) * g;
      v[i] = o.betas[1] * v[i] + (1 - o.betas[1]) * g * g;
      const double m_hat = m[i] / (1 - std::pow(o.betas[0], t));
      const double v_hat = v[i] / (1 - std::pow(o.betas[1], t));
      theta[i] -= o.lr * m_hat / (std::sqrt(v_hat) + o.eps);
    }
  }
};
using OracleAdam = OracleAdamLike<AdamOptions, false>;
using OracleAdamW = OracleAdamLike<AdamWOptions, true>;

// A parameter of a seeded random shape, stepped `steps` times by both with the same seeded gradients, must stay with
// the oracle all along. The rate changes from step to step, as a schedule's does, and begins at 0. The gradient arrays must
// come out unchanged.
template <class Optimizer, class Oracle, class Options>
void expect_follows(const Options& options, const Shape& shape, int steps = 12) {
  Tensor parameter(randn(shape, 7), true);
  Optimizer optimizer({parameter}, options);
  Oracle oracle{options};
  Doubles expected = to_doubles(parameter.value());
  constexpr std::array<double, 4> shares = {0, 1, 0.5, 1.5};
  for (int t = 0; t < steps; ++t) {
    oracle.o.lr = options.lr * shares[static_cast<std::size_t>(t % 4)];
    optimizer.set_lr(oracle.o.lr);
    const Array grad = randn(shape, 100 + static_cast<std::uint64_t>(t));
    const Array kept = grad.clone();
    parameter.set_grad(grad);
    optimizer.step();
    oracle.step(expected, to_doubles(grad));
    EXPECT_TRUE(same_bits(grad, kept)) << "step() wrote into the gradient";
    ASSERT_TRUE(
        near(parameter.value(), shape, expected, {double_precision ? 1e-12 : 5e-6, double_precision ? 1e-13 : 2e-6}))
        << "after step " << t + 1;
  }
}

// Three groups whose options differ in everything: each parameter must follow the oracle of its own.
template <class Optimizer, class Oracle, class Options>
void expect_groups_follow(const std::array<Options, 3>& options, int steps = 6) {
  const std::array<Shape, 3> shapes = {Shape{2, 3}, Shape{4}, Shape{5, 1}};
  std::vector<Tensor> parameters;
  std::vector<Oracle> oracles;
  std::vector<Doubles> expected;
  typename Optimizer::Groups groups;
  for (std::size_t g = 0; g < 3; ++g) {
    parameters.emplace_back(randn(shapes[g], 7 + g), true);
    groups.push_back({.parameters = {parameters[g]}, .options = options[g]});
    oracles.push_back(Oracle{options[g]});
    expected.push_back(to_doubles(parameters[g].value()));
  }
  Optimizer optimizer(groups);
  for (int t = 0; t < steps; ++t) {
    for (std::size_t g = 0; g < 3; ++g) {
      const Array grad = randn(shapes[g], 100 + 10 * static_cast<std::uint64_t>(t) + g);
      parameters[g].set_grad(grad);
      oracles[g].step(expected[g], to_doubles(grad));
    }
    optimizer.step();
    for (std::size_t g = 0; g < 3; ++g) {
      ASSERT_TRUE(near(parameters[g].value(), shapes[g], expected[g],
                       {double_precision ? 1e-12 : 5e-6, double_precision ? 1e-13 : 2e-6}))
          << "group " << g << " after step " << t + 1;
    }
  }
}

inline Tensor leaf(const Shape& shape, const std::vector<Real>& values) { return Tensor(Array(shape, values), true); }

// One step with this gradient.
template <class Optimizer>
void step_with(Optimizer& optimizer, Tensor parameter, const std::vector<Real>& grad) {
  parameter.set_grad(Array(parameter.shape(), grad));
  optimizer.step();
}

}  // namespace rushlight::test
