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

}  // namespace
}  // namespace rushlight::test
