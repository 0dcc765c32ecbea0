#include "device_checks.hpp"

namespace rushlight::test {
namespace {

using namespace cuda;

constexpr AdamNumbers numbers{.beta1 = Real(0.8),
                              .rest1 = Real(0.2),
                              .beta2 = Real(0.9),
                              .rest2 = Real(0.1),
                              .step_size = Real(0.3),
                              .root_of_correction2 = Real(0.7),
                              .eps = Real(0.01),
                              .decay = Real(0.25),
                              .keep = Real(0.95)};

TEST(Unit_22_7, OneStepInOnePass) {
  const CudaHere device;
  const Shape shape{3, 301};
  const Array theta = uniform(shape, 1, -1, 1), grad = uniform(shape, 2, -1, 1);
  const Array m = uniform(shape, 3, -1, 1), v = uniform(shape, 4, 0.1, 1);
  std::vector<double> expected[3];
  for (std::int64_t i = 0; i < theta.size(); ++i) {
    const double g = number(grad, i) + 0.25 * number(theta, i);
    const double first = 0.8 * number(m, i) + 0.2 * g, second = 0.9 * number(v, i) + 0.1 * g * g;
    expected[0].push_back(0.95 * number(theta, i) - 0.3 * first / (std::sqrt(second) / 0.7 + 0.01));
    expected[1].push_back(first);
    expected[2].push_back(second);
  }
  for (const std::size_t which : {0, 1, 2}) {
    const auto run = [which](const Arrays& in) {
      Arrays state{in[0].clone(), in[2].clone(), in[3].clone()};
      const emulator::Count count;
      adam_step(view_to_write(state[0]), view(in[1]), view_to_write(state[1]), view_to_write(state[2]), numbers);
      EXPECT_EQ(count.launches, 1);
      EXPECT_LE(count.bytes_wanted(), 7 * 903 * 4) << "each number is read once and written once";
      return state[which];
    };
    const Array wanted = tabulated(shape, [&](std::int64_t i) { return expected[which][i]; });
    EXPECT_TRUE(agrees(run, {theta, grad, m, v}, wanted, {2e-5, 2e-6})) << which;
  }
}

// Parameters of several sizes, and what they remember.
struct Several {
  explicit Several(const std::vector<std::int64_t>& sizes) {
    std::uint64_t seed = 1;
    for (const std::int64_t size : sizes) {
      values.push_back(uniform({size}, seed++, -1, 1).to(gpu));
      grads.push_back(uniform({size}, seed++, -1, 1).to(gpu));
      firsts.push_back(uniform({size}, seed++, -1, 1).to(gpu));
      seconds.push_back(uniform({size}, seed++, 0.1, 1).to(gpu));
    }
  }
  AdamParts parts() {
    AdamParts all;
    for (std::size_t i = 0; i < values.size(); ++i) {
      all.each[all.count++] = {view_to_write(values[i]), view(grads[i]), view_to_write(firsts[i]),
                               view_to_write(seconds[i])};
    }
    return all;
  }
  void step_alone(const AdamNumbers& n) {
    for (const AdamParts all = parts(); const std::size_t i : indices()) {
      adam_step(all.each[i].value, all.each[i].grad, all.each[i].m, all.each[i].v, n);
    }
  }
  std::vector<std::size_t> indices() const {
    std::vector<std::size_t> all(values.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    return all;
  }
  testing::AssertionResult same_as(const Several& other) const {
    for (const std::size_t i : indices()) {
      if (!same_bits(values[i].cpu(), other.values[i].cpu()) || !same_bits(firsts[i].cpu(), other.firsts[i].cpu()) ||
          !same_bits(seconds[i].cpu(), other.seconds[i].cpu())) {
        return testing::AssertionFailure() << "part " << i << ", of " << values[i].size() << ", is another";
      }
    }
    return testing::AssertionSuccess();
  }

  Arrays values, grads, firsts, seconds;
};

const std::vector<std::int64_t> some_sizes{5, 700, 1, 256, 257};

TEST(Unit_22_7, AllPartsInOneLaunch) {
  const CudaHere device;
  for (const emulator::Order order : {emulator::Order::forward, emulator::Order::backward}) {
    const emulator::InOrder in_order(order);
    Several together(some_sizes), alone(some_sizes);
    alone.step_alone(numbers);
    const emulator::Count count;
    adam_steps(together.parts(), numbers, Reals());
    EXPECT_EQ(count.launches, 1);
    EXPECT_LE(count.bytes_wanted(), 7 * (5 + 700 + 1 + 256 + 257) * 4) << "each number is read once and written once";
    EXPECT_TRUE(together.same_as(alone));
  }
}

TEST(Unit_22_7, AsManyPartsAsALaunchTakes) {
  const CudaHere device;
  const std::vector<std::int64_t> sizes(AdamParts::most, 3);
  Several together(sizes), alone(sizes);
  alone.step_alone(numbers);
  adam_steps(together.parts(), numbers, Reals());
  EXPECT_TRUE(together.same_as(alone));
}

// What a graph must not hold by value.
TEST(Unit_22_7, TheNumbersOfTheStepComeFromMemory) {
  const CudaHere device;
  AdamNumbers next = numbers;
  next.step_size = Real(0.15), next.root_of_correction2 = Real(0.8), next.keep = Real(0.9);
  Several together(some_sizes), alone(some_sizes);
  alone.step_alone(next);
  const Array of_step = Array({3}, {next.step_size, next.root_of_correction2, next.keep}).to(gpu);
  adam_steps(together.parts(), numbers, view(of_step));
  EXPECT_TRUE(together.same_as(alone));
}

}  // namespace
}  // namespace rushlight::test
