// The primitives on a device that is not the CPU: each in its place in the table, and numbers that go anywhere.
#include "support/counting_device.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

TEST(Integration_01, ANumberGoesWithAnyDevice) {
  const CountingDevice device;
  const Array there = Array({3}, {1, 2, 3}).to(gpu);
  const std::uint64_t before = transfers();
  const Array sum = Real{2} * there + Array::scalar(1);
  EXPECT_EQ(transfers(), before) << "the number was made there, not copied";
  EXPECT_THROWS_WITH(Tensor(ones({3})) * Tensor(there), DeviceError, "mul", "cpu", "cuda");
  EXPECT_EQ(sum.device(), gpu);
  EXPECT_TRUE(near(sum.cpu(), {3}, {3, 5, 7}));
  EXPECT_TRUE(near(where(greater(there, Array::scalar(1)), there, Array::scalar(0)).cpu(), {3}, {0, 2, 3}));
}

// Each primitive, on the CPU and on the device: the table has every one, and nothing is in another's place.
TEST(Integration_01, EveryPrimitiveHasItsPlaceInTheTable) {
  const CountingDevice device;
  const Array x = uniform({2, 3}, 1, 0.5, 2), y = uniform({2, 3}, 2, 0.5, 2);
  const Indices ids({2}, {1, 0}), places({2, 1}, {2, 0});
  using Primitive = std::function<Array(const Array& x, const Array& y, const Indices& ids, const Indices& places)>;
  const auto bytes = [](const Mask& mask) { return where(mask, Array::scalar(1), Array::scalar(0)); };
  const std::vector<std::pair<const char*, Primitive>> all{
      {"add", [](auto& a, auto& b, auto&, auto&) { return add(a, b); }},
      {"sub", [](auto& a, auto& b, auto&, auto&) { return sub(a, b); }},
      {"mul", [](auto& a, auto& b, auto&, auto&) { return mul(a, b); }},
      {"div", [](auto& a, auto& b, auto&, auto&) { return div(a, b); }},
      {"maximum", [](auto& a, auto& b, auto&, auto&) { return maximum(a, b); }},
      {"minimum", [](auto& a, auto& b, auto&, auto&) { return minimum(a, b); }},
      {"neg", [](auto& a, auto&, auto&, auto&) { return neg(a); }},
      {"exp", [](auto& a, auto&, auto&, auto&) { return exp(a); }},
      {"log", [](auto& a, auto&, auto&, auto&) { return log(a); }},
      {"sqrt", [](auto& a, auto&, auto&, auto&) { return sqrt(a); }},
      {"tanh", [](auto& a, auto&, auto&, auto&) { return tanh(a); }},
      {"erf", [](auto& a, auto&, auto&, auto&) { return erf(a); }},
      {"abs", [](auto& a, auto&, auto&, auto&) { return abs(-a); }},
      {"pow", [](auto& a, auto&, auto&, auto&) { return pow(a, 3); }},
      {"greater", [&](auto& a, auto& b, auto&, auto&) { return bytes(greater(a, b)); }},
      {"less", [&](auto& a, auto& b, auto&, auto&) { return bytes(less(a, b)); }},
      {"equal", [&](auto& a, auto& b, auto&, auto&) { return bytes(equal(a, maximum(a, b))); }},
      {"where", [](auto& a, auto& b, auto&, auto&) { return where(less(a, b), a, b); }},
      {"sum", [](auto& a, auto&, auto&, auto&) { return sum(a, {1}); }},
      {"mean", [](auto& a, auto&, auto&, auto&) { return mean(a, {1}); }},
      {"max", [](auto& a, auto&, auto&, auto&) { return max(a, {1}); }},
      {"argmax", [](auto& a, auto& b, auto&, auto&) { return take(b.with_shape({6}), argmax(a, 1)); }},
      {"sum_to", [](auto& a, auto&, auto&, auto&) { return sum_to(a, {3}); }},
      {"matmul", [](auto& a, auto& b, auto&, auto&) { return matmul(a, b, {.transpose_b = true}); }},
      {"reshape",
       [](auto& a, auto&, auto&, auto&) {
         return reshape(a, {3, -1});
       }},
      {"permute",
       [](auto& a, auto&, auto&, auto&) {
         return permute(a, {1, 0});
       }},
      {"transpose", [](auto& a, auto&, auto&, auto&) { return transpose(a, 0, 1); }},
      {"broadcast_to",
       [](auto& a, auto&, auto&, auto&) {
         return broadcast_to(a, {2, 2, 3});
       }},
      {"concat",
       [](auto& a, auto& b, auto&, auto&) {
         return concat(Arrays{a, b}, 0);
       }},
      {"slice", [](auto& a, auto&, auto&, auto&) { return slice(a, 1, {1}); }},
      {"unslice",
       [](auto& a, auto&, auto&, auto&) {
         return unslice(a, {2, 5}, 1, {2});
       }},
      {"take", [](auto& a, auto&, auto& ids, auto&) { return take(a, ids); }},
      {"take_adjoint",
       [](auto& a, auto&, auto& ids, auto&) {
         return take_adjoint(a, {4, 3}, ids);
       }},
      {"gather", [](auto& a, auto&, auto&, auto& places) { return gather(a, 1, places); }},
      {"gather_adjoint",
       [](auto& a, auto&, auto&, auto& places) {
         return gather_adjoint(slice(a, 1, {2}), {2, 3}, 1, places);
       }},
  };
  const Array x_there = x.to(gpu), y_there = y.to(gpu);
  const Indices ids_there = ids.to(gpu), places_there = places.to(gpu);
  for (const auto& [name, primitive] : all) {
    const std::uint64_t before = transfers();
    const Array result = primitive(x_there, y_there, ids_there, places_there);
    EXPECT_EQ(transfers(), before) << name;
    EXPECT_EQ(result.device(), gpu) << name;
    EXPECT_TRUE(same_bits(result.cpu(), primitive(x, y, ids, places))) << name;
  }
}

}  // namespace
}  // namespace rushlight::test
