// The product in pieces: every band of C.
#include "products.hpp"

namespace rushlight::test {
namespace {

TEST(Unit_18_3, TheProductInBandsOfRows) {
  expect_products(threaded_gemm, {130, 70, 40}, {1, 2, 3, 5});
  expect_product(threaded_gemm, {129, 129, 17}, {.transpose_a = true}, {2, 3});
  expect_products(threaded_gemm, {211, 131, 97}, {1, 2});  // large: by tiles where there are vectors for them
}

TEST(Unit_18_3, TheProductInBandsOfColumns) {
  expect_products(threaded_gemm, {70, 131, 40}, {1, 2, 3, 5});
  expect_product(threaded_gemm, {3, 1001, 97}, {.transpose_b = true}, {2, 3});
}

TEST(Unit_18_3, TheProductInsideLargerMatrices) {
  expect_products(threaded_gemm, {130, 70, 40, 5}, {1, 2, 3});
  expect_products(threaded_gemm, {70, 131, 40, 5}, {1, 2, 3});
}

TEST(Unit_18_3, SmallAndNarrowProducts) {
  for (const Case& sizes :
       {Case{1, 1, 1}, Case{7, 5, 3, 1}, Case{1, 3500, 76}, Case{3500, 1, 76}, Case{10, 12, 2200}}) {
    expect_product(threaded_gemm, sizes, {.transpose_a = true, .transpose_b = true}, {2});
  }
}

TEST(Unit_18_3, TheProductGivesOpenBlasItsThreadsBack) {
  const Threads three(3);
  expect_product(threaded_gemm, {160, 160, 16}, {}, {3});
  EXPECT_EQ(blas_threads(), 3);
}

TEST(Unit_18_3, MatmulUsesIt) {
  const Threads two(2);
  const Accelerated one({"gemm"});
  const Array a = whole_numbers({90, 70}, 1), b = whole_numbers({70, 80}, 2);
  const Doubles expected = plain_matmul(a, b);
  dirty({90, 80});
  const Array y = matmul(a, b);
  EXPECT_TRUE(std::equal(expected.begin(), expected.end(), y.data().begin(), y.data().end()));
}

// A loop of the framework's may be divided already: then the products inside it are not, and have the same bits.
TEST(Unit_18_3, AProductInsideAPieceIsNotDivided) {
  expect_same_bits_for_any_threads([] {
    const Array a = randn({80, 70}, 1), b = randn({70, 90}, 2);
    Arrays products{Array({80, 90}), Array({80, 90}), Array({80, 90})};
    std::array<Real*, 3> to{};
    for (std::size_t i = 0; i < 3; ++i) to[i] = products[i].mutable_data().data();
    parallel_for(3, 1, [&](std::int64_t first, std::int64_t) {
      threaded_gemm({.m = 80, .n = 90, .k = 70}, a.data().data(), b.data().data(), to[static_cast<std::size_t>(first)]);
    });
    return products;
  });
}

}  // namespace
}  // namespace rushlight::test
