// A second opinion on 2-D products, from a library that many use: xtensor-blas.
#include "01_tensor/views.hpp"

#include <xtensor-blas/xlinalg.hpp>

#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

TEST(Unit_01_4, AgreesWithXtensorBlas) {
  const Array a = randn({23, 37}, 1);
  const Array b = randn({37, 19}, 2);
  const xt::xarray<Real> product = xt::linalg::dot(matrix(a.data().data(), 23, 37), matrix(b.data().data(), 37, 19));
  const std::vector<double> expected(product.begin(), product.end());
  EXPECT_TRUE(near(matmul(a, b), {23, 19}, expected, {1e-5, 1e-5}));
}

}  // namespace
}  // namespace rushlight::test
