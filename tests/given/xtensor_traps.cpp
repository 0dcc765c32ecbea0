// Traps of xtensor 0.24 under C++20, each of which compiles, and some of which give wrong numbers in silence. Module 01
// stays out of them; these tests tell when a new version makes that care unnecessary or brings the harm back.
#include <gtest/gtest.h>

#include <type_traits>

#include "01_tensor/views.hpp"

namespace rushlight::test {
namespace {

using XArray = xt::xarray<Real>;

// Trap 1: g++ in C++20 took a dynamic shape for one of rank 4. A specialisation in xtensor_headers.hpp mends it.
using Product = decltype(xt::eval(std::declval<XArray&>() * std::declval<XArray&>()));
static_assert(!std::is_same_v<std::decay_t<Product>, xt::xtensor<Real, 4>>, "xt::eval builds an array of rank 4");
static_assert(std::is_same_v<std::decay_t<Product>, XArray>);

TEST(Given_01, XtensorEvalKeepsADynamicRank) {
  const XArray x = {{1, 2, 3}, {4, 5, 6}};
  const auto squared = xt::eval(x * x);
  ASSERT_EQ(squared.dimension(), 2u);
  EXPECT_EQ(squared(1, 2), 36);
}

TEST(Given_01, XtensorImmediateReducersKeepADynamicRank) {
  const XArray x = {{1, 2, 3}, {4, 5, 6}};
  const XArray sums = xt::sum(x, {1}, xt::evaluation_strategy::immediate);
  ASSERT_EQ(sums.dimension(), 1u);
  EXPECT_EQ(sums(0), 6);
  EXPECT_EQ(sums(1), 15);
}

// Trap 2: `e / xt::sum(e, {1}, xt::keep_dims)`, the textbook softmax line, is wrong. Materialise the sum first.
TEST(Given_01, XtensorReducersAreMaterialisedBeforeTheyBroadcast) {
  const XArray e = {{1, 1, 2}, {2, 3, 5}};
  const XArray sums = xt::sum(e, {1}, xt::keep_dims);
  const XArray shares = e / sums;
  EXPECT_EQ(shares(0, 0), Real{0.25});
  EXPECT_EQ(shares(0, 2), Real{0.5});
  EXPECT_EQ(shares(1, 2), Real{0.5});
}

// ---- views.hpp, which keeps these traps out

TEST(Given_01, RowsAndMatricesAreTheMemoryItself) {
  Array x({2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(matrix(x.data().data(), 2, 3)(1, 0), 4);
  EXPECT_EQ(row(x.data().data() + 3, 3).data(), x.data().data() + 3);
  row(x.mutable_data().data(), 6)(1) = 20;
  EXPECT_EQ(x.data()[1], 20);
  EXPECT_EQ(row(x.data().data(), 0).size(), 0u);
}

// The rank is a type: an expression of rows never goes through xtensor's dynamic shapes.
static_assert(decltype(row(std::declval<Real*>(), 1) + row(std::declval<Real*>(), 1))::static_layout ==
              xt::layout_type::row_major);
static_assert(std::tuple_size_v<decltype(row(std::declval<Real*>(), 1))::shape_type> == 1);

#ifdef XTENSOR_ENABLE_ASSERT
TEST(Given_01, XtensorChecksItsIndices) {
  const XArray x = {{1, 2, 3}, {4, 5, 6}};
  EXPECT_THROW(x(2, 0), std::exception);
}
#endif

}  // namespace
}  // namespace rushlight::test
