// Optimizers at the end of a real backward pass: every parameter moves against its own gradient, and zero_grad()
// stands between one pass and the next.
#include "05_autograd/autograd.hpp"
#include "06_optimizers/oracle.hpp"

namespace rushlight::test {
namespace {

// Two layers by hand: weights of rank 2, biases of rank 1 that broadcast, one scalar. Fixed, non-uniform cotangent.
struct Net {
  Tensor w1{randn({3, 5}, 1), true}, b1{randn({5}, 2), true}, w2{randn({5, 2}, 3), true}, b2{randn({2}, 4), true};
  Tensor scale{Array::scalar(Real{0.7}), true};
  Array x = randn({6, 3}, 5);

  Tensors parameters() const { return {w1, b1, w2, b2, scale}; }
  Tensor loss() const {
    const Tensor hidden = exp(neg(abs(matmul(x, w1) + b1)));
    const Tensor y = scale * (matmul(hidden, w2) + b2);
    return sum(y * cotangent({6, 2}));
  }
};

// The first step of each kind here goes along -sign(g), or is exactly opposite in SGD's case, element by element.
template <class Optimizer, class Options>
void expect_moves_against_gradient(const Options& options) {
  const Net net;
  Optimizer optimizer(net.parameters(), options);
  const double before = static_cast<double>(net.loss().item());
  net.loss().backward();
  Arrays values, grads;
  for (const Tensor& parameter : net.parameters()) {
    values.push_back(parameter.value().clone());
    grads.push_back(parameter.grad().clone());
  }
  optimizer.step();
  for (std::size_t p = 0; p < values.size(); ++p) {
    const Tensor parameter = net.parameters()[p];
    ASSERT_TRUE(grad_ok(grads[p], parameter.shape())) << "parameter " << p;
    for (std::size_t i = 0; i < values[p].data().size(); ++i) {
      const double moved = static_cast<double>(parameter.value().data()[i]) - static_cast<double>(values[p].data()[i]);
      const double g = static_cast<double>(grads[p].data()[i]);
      EXPECT_LT(moved * g, 0) << optimizer.name() << ": parameter " << p << ", element " << i << " moved by " << moved
                              << " with gradient " << g;
    }
  }
  EXPECT_LT(static_cast<double>(net.loss().item()), before) << "a small step against the gradient lowers the loss";
}

TEST(GradientFlow_06_2, StepMovesEveryParameterAgainstItsGradient) {
  expect_moves_against_gradient<SGD>(SGDOptions{.lr = 1e-3});
  expect_moves_against_gradient<SGD>(SGDOptions{.lr = 1e-3, .momentum = 0.9});
  expect_moves_against_gradient<SGD>(SGDOptions{.lr = 1e-3, .momentum = 0.9, .nesterov = true});
}

TEST(GradientFlow_06_3, StepMovesEveryParameterAgainstItsGradient) {
  expect_moves_against_gradient<RMSprop>(RMSpropOptions{.lr = 1e-4});
  expect_moves_against_gradient<RMSprop>(RMSpropOptions{.lr = 1e-4, .momentum = 0.9, .centered = true});
}

TEST(GradientFlow_06_4, StepMovesEveryParameterAgainstItsGradient) {
  expect_moves_against_gradient<Adam>(AdamOptions{.lr = 1e-3});
}

TEST(GradientFlow_06_5, StepMovesEveryParameterAgainstItsGradient) {
  expect_moves_against_gradient<AdamW>(AdamWOptions{.lr = 1e-3, .weight_decay = 0});
}

TEST(GradientFlow_06_1, BackwardAddsUpUntilZeroGrad) {
  const Net net;
  SGD optimizer(net.parameters(), {.lr = 0});
  net.loss().backward();
  Arrays once;
  for (const Tensor& parameter : net.parameters()) once.push_back(parameter.grad().clone());
  net.loss().backward();
  for (std::size_t p = 0; p < once.size(); ++p) {
    std::vector<double> twice = to_doubles(once[p]);
    for (double& each : twice) each *= 2;
    EXPECT_TRUE(near(net.parameters()[p].grad(), once[p].shape(), twice, gradient_tolerance)) << "parameter " << p;
  }
  optimizer.zero_grad();
  for (const Tensor& parameter : net.parameters()) EXPECT_FALSE(parameter.grad().defined());
  net.loss().backward();
  for (std::size_t p = 0; p < once.size(); ++p) {
    EXPECT_TRUE(near(net.parameters()[p].grad(), once[p], gradient_tolerance)) << "after zero_grad, parameter " << p;
  }
}

TEST(GradientFlow_06_2, StepBetweenForwardAndBackwardIsNoticed) {
  const Net net;
  SGD optimizer(net.parameters(), {.lr = 0.1});
  net.loss().backward();
  const Tensor loss = net.loss();  // has saved w2's value
  optimizer.step();
  EXPECT_THROWS_WITH(loss.backward(), GraphError, "changed in place");
}

TEST(GradientFlow_06_2, ForwardAfterTheStepHasTheNewGradient) {
  // L = w²/2: gradient w, so every step multiplies w by 1 - lr
  Tensor w(Array::scalar(2), true);
  SGD optimizer({w}, {.lr = 0.25});
  for (int t = 0; t < 3; ++t) {
    optimizer.zero_grad();
    (w * w * Real{0.5}).backward();
    optimizer.step();
  }
  EXPECT_TRUE(near(w.value(), Shape(), {2 * 0.75 * 0.75 * 0.75}));
}

}  // namespace
}  // namespace rushlight::test
