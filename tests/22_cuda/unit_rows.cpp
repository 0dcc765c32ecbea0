#include "device_checks.hpp"

namespace rushlight::test {
namespace {

using namespace cuda;

using Row = std::vector<double>;

Row row_of(const Array& x, std::int64_t row, std::int64_t width) {
  Row values;
  for (std::int64_t i = 0; i < width; ++i) values.push_back(number(x, row * width + i));
  return values;
}

Row softmax(const Row& x) {
  double most = -INFINITY, total = 0;
  for (const double v : x) most = std::max(most, v);
  Row y;
  for (const double v : x) y.push_back(std::exp(v - most)), total += y.back();
  for (double& v : y) v /= total;
  return y;
}

constexpr double eps = 1e-3;

struct Normal {
  Row y;
  double mean, rstd;
};

Normal layer_norm(const Row& x, const Row& weight, const Row& bias) {
  const double count = static_cast<double>(x.size());
  double mean = 0, variance = 0;
  for (const double v : x) mean += v / count;
  for (const double v : x) variance += (v - mean) * (v - mean) / count;
  Normal n{{}, mean, 1 / std::sqrt(variance + eps)};
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double normal = (x[i] - mean) * n.rstd;
    n.y.push_back(weight.empty() ? normal : normal * weight[i] + bias[i]);
  }
  return n;
}

// Every row through f, one after the other.
Array by_rows(const Array& x, const std::function<Row(const Row&, std::int64_t)>& f) {
  const std::int64_t width = x.dim(1);
  Array out(x.shape());
  for (std::int64_t r = 0; r < x.dim(0); ++r) {
    const Row y = f(row_of(x, r, width), r);
    for (std::int64_t i = 0; i < width; ++i) out.mutable_data()[r * width + i] = static_cast<Real>(y[i]);
  }
  return out;
}

// dL/dx of L = Σ grad · f(x), by finite differences in double precision.
Row differences(const Row& x, const Row& grad, const std::function<Row(const Row&)>& f) {
  const double step = 1e-5;
  Row dx;
  for (std::size_t i = 0; i < x.size(); ++i) {
    Row up = x, down = x;
    up[i] += step, down[i] -= step;
    const Row high = f(up), low = f(down);
    double change = 0;
    for (std::size_t j = 0; j < x.size(); ++j) change += grad[j] * (high[j] - low[j]);
    dx.push_back(change / (2 * step));
  }
  return dx;
}

Array softmax_of(const Array& x) {
  Array y = on_gpu(x.shape());
  softmax_rows(view_to_write(y), view(x), x.dim(0), x.dim(1));
  return y;
}

TEST(Unit_22_4, SoftmaxOfRows) {
  const CudaHere device;
  for (const std::int64_t width : {1, 7, 32, 33, 100}) {
    const Array x = uniform({6, width}, 1, -4, 4);  // rows that do not fill the last block
    const Array expected = by_rows(x, [](const Row& row, auto) { return softmax(row); });
    EXPECT_TRUE(agrees([](const Arrays& in) { return softmax_of(in[0]); }, {x}, expected, {1e-5, 1e-9})) << width;
  }
}

TEST(Unit_22_4, SoftmaxDoesNotOverflow) {
  const CudaHere device;
  const Array y = softmax_of(Array({2, 3}, {1000, 1001, 1002, -1000, -1001, -1002}).to(gpu)).cpu();
  const Row up = softmax({0, 1, 2}), down = softmax({0, -1, -2});
  EXPECT_TRUE(near(y, {2, 3}, {up[0], up[1], up[2], down[0], down[1], down[2]}, {1e-5, 1e-7}));
}

TEST(Unit_22_4, SoftmaxOfNumbersFarBelowZero) {
  const CudaHere device;
  const Array y = softmax_of(Array({1, 2}, {Real(-2e36), Real(-2e36)}).to(gpu)).cpu();
  EXPECT_TRUE(near(y, {1, 2}, {0.5, 0.5}, {1e-6, 0}));
}

TEST(GradientFlow_22_4, SoftmaxHasItsDerivative) {
  const CudaHere device;
  for (const std::int64_t width : {3, 45}) {
    const Array x = uniform({5, width}, 1, -2, 2), grad = uniform({5, width}, 2, 0.5, 3);
    const Array y = by_rows(x, [](const Row& row, auto) { return softmax(row); });
    const Array expected =
        by_rows(x, [&](const Row& row, std::int64_t r) { return differences(row, row_of(grad, r, width), softmax); });
    const auto run = [&](const Arrays& in) {
      Array dx = on_gpu(x.shape());
      softmax_rows_backward(view_to_write(dx), view(in[0]), view(in[1]), 5, width);
      return dx;
    };
    EXPECT_TRUE(agrees(run, {grad, y}, expected, {1e-4, 1e-6})) << width;
  }
}

Array third_of(const Array& y, const Array& mean, const Array& rstd, int which) {
  return which == 0 ? y : which == 1 ? mean : rstd;
}

TEST(Unit_22_4, LayerNormOfRows) {
  const CudaHere device;
  for (const bool affine : {true, false}) {
    const std::int64_t width = 70;
    const Array x = uniform({5, width}, 1, 2, 5), weight = uniform({width}, 2, 0.5, 2),
                bias = uniform({width}, 3, -1, 1);
    for (const int which : {0, 1, 2}) {
      const auto run = [&](const Arrays& in) {
        Array y = on_gpu(x.shape()), mean = on_gpu({5}), rstd = on_gpu({5});
        const Reals none;
        layer_norm_rows(view_to_write(y), view_to_write(mean), view_to_write(rstd), view(in[0]),
                        affine ? view(in[1]) : none, affine ? view(in[2]) : none, 5, width, static_cast<Real>(eps));
        return third_of(y, mean, rstd, which);
      };
      const auto normal = [&](std::int64_t r) {
        return layer_norm(row_of(x, r, width), affine ? row_of(weight, 0, width) : Row(), row_of(bias, 0, width));
      };
      const Array expected =
          which == 0 ? by_rows(x, [&](const Row&, std::int64_t r) { return normal(r).y; })
                     : tabulated({5}, [&](std::int64_t r) { return which == 1 ? normal(r).mean : normal(r).rstd; });
      EXPECT_TRUE(agrees(run, {x, weight, bias}, expected, {2e-5, 2e-6})) << affine << which;
    }
  }
}

// A variance that is small beside the mean: the mean of squares minus the square of the mean has no digit left.
TEST(Unit_22_4, LayerNormOfLargeNumbersThatDifferLittle) {
  const CudaHere device;
  const Array x = tabulated({1, 64}, [](std::int64_t i) { return 4096 + (i % 2 == 0 ? 0.25 : -0.25); });
  Array y = on_gpu({1, 64}), mean = on_gpu({1}), rstd = on_gpu({1});
  const Array there = x.to(gpu);
  layer_norm_rows(view_to_write(y), view_to_write(mean), view_to_write(rstd), view(there), Reals(), Reals(), 1, 64,
                  static_cast<Real>(eps));
  EXPECT_NEAR(rstd.item(), 1 / std::sqrt(0.0625 + eps), 1e-3);
}

TEST(GradientFlow_22_4, LayerNormHasItsDerivative) {
  const CudaHere device;
  for (const bool affine : {true, false}) {
    const std::int64_t width = 41;
    const Array x = uniform({5, width}, 1, -2, 2), grad = uniform({5, width}, 2, 0.5, 3);
    const Array weight = uniform({width}, 3, 0.5, 2);
    const Row scale = affine ? row_of(weight, 0, width) : Row();
    const auto forward = [&](const Row& row) { return layer_norm(row, scale, Row(row.size(), 0.0)); };
    const Array expected = by_rows(x, [&](const Row& row, std::int64_t r) {
      return differences(row, row_of(grad, r, width), [&](const Row& at) { return forward(at).y; });
    });
    const Array mean = tabulated({5}, [&](std::int64_t r) { return forward(row_of(x, r, width)).mean; });
    const Array rstd = tabulated({5}, [&](std::int64_t r) { return forward(row_of(x, r, width)).rstd; });
    const auto run = [&](const Arrays& in) {
      Array dx = on_gpu(x.shape());
      layer_norm_rows_backward(view_to_write(dx), view(in[0]), view(in[1]), affine ? view(in[2]) : Reals(), view(in[3]),
                               view(in[4]), 5, width);
      return dx;
    };
    EXPECT_TRUE(agrees(run, {grad, x, weight, mean, rstd}, expected, {1e-4, 1e-5})) << affine;
  }
}

}  // namespace
}  // namespace rushlight::test
