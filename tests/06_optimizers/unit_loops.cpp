// The loops by themselves, with every number in play at once, also as no optimizer combines them: a kernel that takes
// their place is held to the same formulas.
#include "06_optimizers/oracle.hpp"

namespace rushlight::test {
namespace {

constexpr Tolerance loop_tolerance = double_precision ? Tolerance{1e-13, 1e-14} : Tolerance{3e-6, 1e-6};
const Shape shape{2, 3};

// Four arrays of one shape: θ, the gradient, and two that are remembered. None of the remembered is below 0.
struct Arguments {
  Array value = randn(shape, 1), grad = randn(shape, 2), first = uniform(shape, 3, 1, 2),
        second = uniform(shape, 4, 0, 1);
  Doubles theta = to_doubles(value), g = to_doubles(grad), a = to_doubles(first), b = to_doubles(second);
};

TEST(Unit_06_2, TheLoopIsItsFormulaForAnyNumbers) {
  for (const double momentum : {0.0, 0.75}) {
    for (const double take : {1.0, 0.25, 0.0, -0.5}) {
      for (const double decay : {0.0, 0.5}) {
        for (const bool nesterov : {false, true}) {
          Arguments x;
          sgd_loop({.lr = 0.25, .momentum = momentum, .take = take, .decay = decay, .nesterov = nesterov}, x.value,
                   x.grad, &x.first);
          for (std::size_t i = 0; i < x.g.size(); ++i) {
            const double g = x.g[i] + decay * x.theta[i];
            x.a[i] = momentum * x.a[i] + take * g;
            x.theta[i] -= 0.25 * (nesterov ? g + momentum * x.a[i] : x.a[i]);
          }
          const std::string what =
              fmt::format("momentum {}, take {}, decay {}{}", momentum, take, decay, nesterov ? ", nesterov" : "");
          EXPECT_TRUE(near(x.value, shape, x.theta, loop_tolerance)) << what;
          EXPECT_TRUE(near(x.first, shape, x.a, loop_tolerance)) << what;
          EXPECT_TRUE(near(x.grad, shape, x.g, exactly)) << what;
        }
      }
    }
  }
}

TEST(Unit_06_2, WithoutAVelocityThereIsNothingToTakeInto) {
  Arguments x;
  sgd_loop({.lr = 0.25, .momentum = 0.5, .take = 0.5, .decay = 0.5, .nesterov = true}, x.value, x.grad, nullptr);
  for (std::size_t i = 0; i < x.g.size(); ++i) x.theta[i] -= 0.25 * (x.g[i] + 0.5 * x.theta[i]);
  EXPECT_TRUE(near(x.value, shape, x.theta, loop_tolerance));
}

TEST(Unit_06_3, TheLoopIsItsFormulaForAnyNumbers) {
  for (const double alpha : {0.0, 0.75}) {
    for (const double decay : {0.0, 0.5}) {
      for (const double momentum : {0.0, 0.75}) {
        for (const bool centered : {false, true}) {
          if (centered && alpha == 0) continue;  // g² - g² is nothing but rounding
          Arguments x;
          Array velocity = randn(shape, 5);
          Doubles b = to_doubles(velocity);
          const RMSpropOptions o{.lr = 0.25,
                                 .alpha = alpha,
                                 .eps = 0.5,
                                 .weight_decay = decay,
                                 .momentum = momentum,
                                 .centered = centered};
          rmsprop_loop(o, x.value, x.grad, x.first, centered ? &x.second : nullptr, momentum > 0 ? &velocity : nullptr);
          for (std::size_t i = 0; i < x.g.size(); ++i) {
            const double g = x.g[i] + decay * x.theta[i];
            x.a[i] = alpha * x.a[i] + (1 - alpha) * g * g;
            if (centered) x.b[i] = alpha * x.b[i] + (1 - alpha) * g;
            const double variance = x.a[i] - (centered ? x.b[i] * x.b[i] : 0);
            const double d = g / (std::sqrt(std::fmax(variance, 0)) + o.eps);
            if (momentum > 0) b[i] = momentum * b[i] + d;
            x.theta[i] -= 0.25 * (momentum > 0 ? b[i] : d);
          }
          const std::string what =
              fmt::format("alpha {}, decay {}, momentum {}{}", alpha, decay, momentum, centered ? ", centered" : "");
          EXPECT_TRUE(near(x.first, shape, x.a, loop_tolerance)) << what;
          EXPECT_TRUE(near(x.second, shape, x.b, loop_tolerance)) << what;
          EXPECT_TRUE(near(x.value, shape, x.theta, loop_tolerance)) << what;
          EXPECT_TRUE(near(velocity, shape, b, loop_tolerance)) << what;
        }
      }
    }
  }
}

TEST(Unit_06_4, TheLoopIsItsFormulaForAnyNumbers) {
  for (const double decay : {0.0, 0.5}) {
    for (const double shrink : {0.0, 0.25}) {
      for (const double root : {1.0, 0.5}) {
        Arguments x;
        const AdamStep o{.beta1 = 0.75,
                         .beta2 = 0.5,
                         .step_size = 0.25,
                         .root_of_correction2 = root,
                         .eps = 0.5,
                         .decay = decay,
                         .shrink = shrink};
        adam_loop(o, x.value, x.grad, x.second, x.first);
        for (std::size_t i = 0; i < x.g.size(); ++i) {
          const double g = x.g[i] + decay * x.theta[i];
          x.b[i] = 0.75 * x.b[i] + 0.25 * g;
          x.a[i] = 0.5 * x.a[i] + 0.5 * g * g;
          x.theta[i] = (1 - shrink) * x.theta[i] - 0.25 * x.b[i] / (std::sqrt(x.a[i]) / root + 0.5);
        }
        const std::string what = fmt::format("decay {}, shrink {}, root {}", decay, shrink, root);
        EXPECT_TRUE(near(x.value, shape, x.theta, loop_tolerance)) << what;
        EXPECT_TRUE(near(x.second, shape, x.b, loop_tolerance)) << what;
        EXPECT_TRUE(near(x.first, shape, x.a, loop_tolerance)) << what;
      }
    }
  }
}

}  // namespace
}  // namespace rushlight::test
