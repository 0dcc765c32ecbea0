// The product through OpenBLAS: every way of storing, a single row too, which goes another way.
#include <limits>

#include "01_tensor/blas.hpp"
#include "18_acceleration/products.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

TEST(Given_01, ProductsInEveryWayOfStoring) {
  for (const std::int64_t extra : {0, 3}) {
    for (const std::int64_t m : {1, 2, 7}) {
      for (const std::int64_t n : {1, 5, 33}) {
        for (const std::int64_t k : {1, 6, 40}) expect_products(blas_gemm, {m, n, k, extra}, {1, 2});
      }
    }
  }
}

TEST(Given_01, ProductsWithNothingToAddUpAreZero) {
  for (const std::int64_t m : {1, 2}) {
    std::vector<Real> c(static_cast<std::size_t>(3 * m), 7);
    blas_gemm({.m = m, .n = 3, .k = 0}, nullptr, nullptr, c.data());
    EXPECT_EQ(c, std::vector<Real>(static_cast<std::size_t>(3 * m), 0));
  }
}

TEST(Given_01, ProductsDoNotReadWhatTheyWriteOver) {
  const std::vector<Real> a{1, 2, 3, 4}, b{5, 6, 7, 8};
  for (const std::int64_t m : {1, 2}) {
    for (const bool turned : {false, true}) {
      std::vector<Real> c(static_cast<std::size_t>(2 * m), std::numeric_limits<Real>::quiet_NaN());
      blas_gemm({.m = m, .n = 2, .k = 2, .transpose_b = turned}, a.data(), b.data(), c.data());
      EXPECT_EQ(c[0], turned ? 17 : 19);
      EXPECT_EQ(c[1], turned ? 23 : 22);
    }
  }
}

}  // namespace
}  // namespace rushlight::test
