// The given parts of module 07: they work before the student has written anything.
#include <cstring>

#include "07_training/helpers.hpp"

namespace rushlight::test {
namespace {

TEST(Given_07, ArraysOfTheOtherPrecision) {
  StoredTensor f64{.dtype = DType::f64, .shape = {2}, .bytes = std::vector<std::uint8_t>(16)};
  const double values[] = {0.5, -3};
  std::memcpy(f64.bytes.data(), values, 16);
  EXPECT_TRUE(near(load_array(f64), {2}, {0.5, -3}, exactly));
  StoredTensor f32{.dtype = DType::f32, .shape = {}, .bytes = {0, 0, 0x20, 0x40}};
  EXPECT_TRUE(near(load_array(f32), Shape(), {2.5}, exactly));
  EXPECT_THROWS_WITH(load_array({.dtype = DType::i64, .shape = {1}, .bytes = std::vector<std::uint8_t>(8)}), ValueError,
                     "I64");
}

}  // namespace
}  // namespace rushlight::test
