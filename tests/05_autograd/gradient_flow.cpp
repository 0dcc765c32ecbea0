// The engine against two judges that share nothing with it: the naive tape of tests/support, and finite differences.
#include "graphs.hpp"

namespace rushlight::test {
namespace {

using Op = std::function<Tensor(const Tensor&, const Tensor&)>;

const std::vector<Op>& binary_ops() {  // (2, 3) and (2, 3), or shapes that broadcast to it, to (2, 3); all values tame
  static const std::vector<Op> ops{
      [](const Tensor& a, const Tensor& b) { return a + b; },
      [](const Tensor& a, const Tensor& b) { return a - b; },
      [](const Tensor& a, const Tensor& b) { return a * b * Tensor(Real(0.5)); },
      [](const Tensor& a, const Tensor& b) { return a / (b * b + Tensor(1)); },
      [](const Tensor& a, const Tensor& b) { return maximum(a, b); },
      [](const Tensor& a, const Tensor& b) { return exp(neg(a * a)) + b; },
      [](const Tensor& a, const Tensor& b) { return matmul(matmul(a, transpose(b, 0, 1)), a) * Tensor(Real(0.1)); },
      [](const Tensor& a, const Tensor& b) {
        return slice(concat({a, b}, 0), 0, {1, 3});
      },
      [](const Tensor& a, const Tensor& b) { return a - mean(b, {1}, true); },
      [](const Tensor& a, const Tensor& b) { return sqrt(a * a + Tensor(1)) * sum(b, {0}, true); },
      [](const Tensor& a, const Tensor& b) {
        return reshape(permute(a, {1, 0}), {2, 3}) + b;
      },
      [](const Tensor& a, const Tensor& b) { return where(greater(a.value(), b.value()), a, b * Tensor(2)); },
  };
  return ops;
}

// A random graph over three leaves of different shapes: 6 ops, each of two earlier results.
Tensor random_graph(const Tensors& leaves, std::uint64_t seed) {
  Generator generator(seed);
  const auto pick = [&](std::size_t count) {
    return static_cast<std::size_t>(generator.below(static_cast<std::int64_t>(count)));
  };
  const Shape shape{2, 3};
  Tensors made;
  for (const Tensor& leaf : leaves) made.push_back(broadcast_to(leaf, shape));
  for (int i = 0; i < 6; ++i) {
    const Tensor a = made[pick(made.size())], b = made[pick(made.size())];
    made.push_back(binary_ops()[pick(binary_ops().size())](a, b));
  }
  return made[made.size() - 1] * Tensor(Real(0.5)) + made[made.size() - 2] + leaves[0];
}

Arrays random_inputs(std::uint64_t seed) {
  return {uniform({2, 3}, 3 * seed, -1, 1), uniform({3}, 3 * seed + 1, -1, 1), uniform({2, 1}, 3 * seed + 2, -1, 1)};
}

TEST(GradientFlow_05_2, RandomGraphsAgreeWithTheTape) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const Function f = [seed](const Tensors& in) { return random_graph(in, seed); };
    const Arrays inputs = random_inputs(seed);
    const Arrays expected = tape_gradients(f, inputs);
    Tensors leaves;
    for (const Array& input : inputs) leaves.push_back(leaf(input));
    const Tensor y = f(leaves);
    y.backward(cotangent(y.shape()));
    for (std::size_t i = 0; i < leaves.size(); ++i) {
      ASSERT_EQ(leaves[i].grad().defined(), expected[i].defined()) << "graph " << seed << ", leaf " << i;
      if (!expected[i].defined()) continue;
      EXPECT_TRUE(near(leaves[i].grad(), expected[i], {1e-4, 1e-5})) << "graph " << seed << ", leaf " << i;
    }
  }
}

TEST(GradientFlow_05_2, EveryNodeAgreesWithTheTape) {  // not the leaves alone
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Tensors leaves;
    for (const Array& input : random_inputs(seed)) leaves.push_back(leaf(input));
    const Tensor y = random_graph(leaves, seed);
    const Tape tape(y, cotangent(y.shape()));
    for (const auto& node : topological_order(y.node())) node->retain_grad = true;
    const Order order = topological_order(y.node());
    y.backward(cotangent(y.shape()));
    for (const auto& node : order) {
      Tensor view = make_recorded(zeros(node->shape), node);
      if (node->grad.defined()) {
        EXPECT_TRUE(near(node->grad, tape.grad(view), {1e-4, 1e-5})) << "graph " << seed << ", " << node->op;
      } else {
        EXPECT_FALSE(tape.reached(view)) << "graph " << seed << ", " << node->op;
      }
    }
  }
}

// Central differences with plain loops in double over what the ops compute.
TEST(GradientFlow_05_2, AgreesWithFiniteDifferences) {
  const Function f = [](const Tensors& in) {
    const Tensor h = matmul(in[0], in[1]) + in[2];
    return exp(neg(h * h)) * h + mean(h, {0}, true);
  };
  const Arrays inputs{uniform({3, 2}, 1, -1, 1), uniform({2, 4}, 2, -1, 1), uniform({4}, 3, -1, 1)};
  Tensors leaves;
  for (const Array& input : inputs) leaves.push_back(leaf(input));
  const Tensor y = f(leaves);
  y.backward(cotangent(y.shape()));
  const GradientOptions options;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    EXPECT_TRUE(grad_ok(leaves[i].grad(), inputs[i].shape()));
    const Array numeric = test::numeric_gradient(f, inputs, i, options.step);
    EXPECT_TRUE(near(leaves[i].grad(), numeric, {options.tolerance, options.tolerance})) << "input " << i;
  }
}

TEST(GradientFlow_05_2, EveryLeafOfADeepNetIsReached) {
  Tensors weights;
  Tensor h = Tensor(randn({4, 8}, 1));
  for (std::uint64_t layer = 0; layer < 30; ++layer) {
    weights.push_back(leaf(randn({8, 8}, 100 + layer) * Real(0.3)));
    const Tensor z = matmul(h, weights.back());
    h = h + z / (exp(z) + exp(neg(z)));  // a residual keeps the gradient alive over 30 layers
  }
  h.backward(cotangent(h.shape()));
  for (std::size_t i = 0; i < weights.size(); ++i) {
    EXPECT_TRUE(grad_ok(weights[i].grad(), {8, 8}, 1e-6)) << "layer " << i;
  }
}

TEST(GradientFlow_05_2, TwoBatchesAddUp) {  // g(a) + g(b) = g after both
  const Array w0 = randn({3, 2}, 1);
  const auto loss = [](const Tensor& w, std::uint64_t seed) {
    const Tensor h = matmul(Tensor(randn({5, 3}, seed)), w);
    return mean(h * h);
  };
  const auto alone = [&](std::uint64_t seed) {
    const Tensor w = leaf(w0);
    loss(w, seed).backward();
    return w.grad();
  };
  const Tensor w = leaf(w0);
  loss(w, 10).backward();
  const Array first = w.grad();
  loss(w, 20).backward();
  EXPECT_TRUE(near(first, alone(10), exactly));
  EXPECT_TRUE(near(w.grad() - first, alone(20), gradient_tolerance));
}

TEST(GradientFlow_05_3, GradAgreesWithBackward) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    Tensors leaves, others;
    for (const Array& input : random_inputs(seed)) {
      leaves.push_back(leaf(input));
      others.push_back(leaf(input));
    }
    sum(random_graph(leaves, seed) * Tensor(cotangent({2, 3}))).backward();
    const Arrays g = grad(sum(random_graph(others, seed) * Tensor(cotangent({2, 3}))), others);
    for (std::size_t i = 0; i < leaves.size(); ++i) {
      ASSERT_EQ(g[i].defined(), leaves[i].grad().defined());
      if (g[i].defined()) EXPECT_TRUE(near(g[i], leaves[i].grad(), exactly)) << "graph " << seed << ", leaf " << i;
      EXPECT_FALSE(others[i].grad().defined());
    }
  }
}

TEST(GradientFlow_05_3, DetachCutsExactlyOnePath) {
  const Tensor w = leaf(randn({3, 3}, 1)), x = leaf(randn({2, 3}, 2));
  const Tensor h = matmul(x, w);
  const Tensor y = h + matmul(h.detach(), w);
  const Array c = cotangent({2, 3});
  y.backward(c);
  const Array expected_x = matmul(c, w.value(), {.transpose_b = true});  // the second path does not reach x
  EXPECT_TRUE(near(x.grad(), expected_x, gradient_tolerance));
  const Array expected_w = matmul(x.value() + h.value(), c, {.transpose_a = true});
  EXPECT_TRUE(near(w.grad(), expected_w, gradient_tolerance));
}

TEST(GradientFlow_05_4, AHookScalesEverythingBelowAndNothingElse) {
  const Array x0 = randn({2, 3}, 1), w0 = randn({3, 3}, 2), v0 = randn({3, 2}, 3);
  const auto run = [&](bool hooked) {
    const Tensor x = leaf(x0), w = leaf(w0), v = leaf(v0);
    const Tensor h = matmul(x, w);
    HookHandle handle;
    if (hooked) handle = register_hook(h, [](const Array& g) { return g * Real(4); });
    const Tensor y = matmul(h, v);
    y.backward(cotangent(y.shape()));
    handle.remove();  // the very first hook of a program has an id like any other
    EXPECT_TRUE(h.node()->hooks.empty());
    return Arrays{x.grad(), w.grad(), v.grad()};
  };
  const Arrays plain = run(false), scaled = run(true);
  EXPECT_TRUE(near(scaled[0], plain[0] * Real(4), exactly));
  EXPECT_TRUE(near(scaled[1], plain[1] * Real(4), exactly));
  EXPECT_TRUE(near(scaled[2], plain[2], exactly));
}

TEST(GradientFlow_05_5, GradcheckPassesEveryRandomGraph) {
  for (std::uint64_t seed = 101; seed <= 115; ++seed) {
    const auto f = [seed](const Tensors& in) {  // smooth ops alone: a kink next to the point would be no bug
      const Tensor h = in[0] * in[1] + in[2];
      return exp(neg(h * h)) + mean(h, {0}, true) / (in[2] * in[2] + Tensor(static_cast<Real>(seed)));
    };
    const GradcheckReport report = gradcheck(f, random_inputs(seed));
    EXPECT_TRUE(report.passed) << "graph " << seed << ": " << report.message;
  }
}

}  // namespace
}  // namespace rushlight::test
