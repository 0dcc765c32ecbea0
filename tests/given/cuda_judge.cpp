// The judge of module 22's kernels is not fooled: not by those of wrong_kernels, nor by one that changes its input, computes
// elsewhere, or is given a tolerance that zeros pass.
#include "wrong_kernels/negations.hpp"

namespace rushlight::test {
namespace {

using namespace cuda;

Array negated_by(Negation kernel, const Array& x) {
  Array out = on_gpu(x.shape());
  launch(kernel, grid_for(out.size()), view_to_write(out), view(x));
  return out;
}

__global__ void set_to(Global<Real> x, Real value) { x[0] = value; }

TEST(Given_22, TheJudgeIsNotFooled) {
  const CudaHere device;
  const Array x =
      tabulated({300}, [](std::int64_t i) { return 1e-5 * (i + 1); });  // small: an absolute tolerance is blind
  const Array expected = tabulated({300}, [](std::int64_t i) { return -1e-5 * (i + 1); });
  const Tolerance relative{1e-4, 0};
  const auto verdict = [&](auto kernel) {
    return agrees([=](const Arrays& in) { return negated_by(kernel, in[0]); }, {x}, expected, relative);
  };
  EXPECT_TRUE(verdict(right_negation));
  for (const WrongNegation& each : wrong_negations()) EXPECT_FALSE(verdict(each.kernel)) << each.what << " passed";
  const auto changes_its_input = [](const Arrays& in) {
    Array result = negated_by(right_negation, in[0]), input = in[0];
    launch(set_to, Grid{.blocks = {1}, .threads = {1}}, view_to_write(input), Real(7));
    return result;
  };
  EXPECT_FALSE(agrees(changes_its_input, {x}, expected, relative));
  const auto on_the_cpu = [&](const Arrays& in) {
    Array copy = in[0].cpu();
    for (Real& each : copy.mutable_data()) each = -each;
    return copy.to(gpu);
  };
  EXPECT_FALSE(agrees(on_the_cpu, {x}, expected, relative));
  EXPECT_FALSE(agrees([=](const Arrays& in) { return negated_by(right_negation, in[0]); }, {x}, expected, {1e-4, 1}))
      << "a tolerance that zeros pass";
}

}  // namespace
}  // namespace rushlight::test
