// What module 01 gives ready-made for devices: where arrays live, who computes there, and what may not be mixed.
#include "support/counting_device.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

TEST(Given_01, ADeviceThatNobodyInstalledIsNotThere) {
  EXPECT_FALSE(available(gpu));
  EXPECT_TRUE(available(Device::cpu));
  EXPECT_THROWS_WITH(ones({2}).to(gpu), DeviceError, "cuda", "not there");
  EXPECT_THROWS_WITH(Array::on(gpu, {2}), DeviceError, "cuda");
}

TEST(Given_01, ArraysMoveAndStay) {
  const CountingDevice device;
  const Array here({2, 2}, {1, 2, 3, 4});
  const Array there = here.to(gpu);
  EXPECT_EQ(there.device(), gpu);
  EXPECT_EQ(there.shape(), here.shape());
  EXPECT_TRUE(same_bits(there.cpu(), here));
  EXPECT_TRUE(there.to(gpu).shares_buffer_with(there)) << "already there: nothing is copied";
  EXPECT_TRUE(here.cpu().shares_buffer_with(here));
  EXPECT_EQ(there.with_shape({4}).device(), gpu);
  const Array copy = there.clone();
  EXPECT_EQ(copy.device(), gpu);
  EXPECT_FALSE(copy.shares_buffer_with(there));
  EXPECT_TRUE(same_bits(copy.cpu(), here));
  EXPECT_EQ(full_like(there, 7).device(), gpu);
  EXPECT_EQ(full_like(there, 7).cpu().data()[3], 7);
  EXPECT_EQ(full_like(there, 7).with_shape({4}).clone().cpu().data()[0], 7);
  EXPECT_EQ(Array::scalar(3).to(gpu).item(), 3);
  EXPECT_TRUE(same(Indices({2}, {3, 4}).to(gpu).to(Device::cpu), {2}, {3, 4}));
  EXPECT_TRUE(same(Mask({2}, {1, 0}).to(gpu).to(Device::cpu), {2}, {1, 0}));
}

TEST(Given_01, NumbersOfAnotherDeviceAreNotShown) {
  const CountingDevice device;
  Array there = ones({2}).to(gpu);
  EXPECT_THROWS_WITH(there.data(), DeviceError, "cuda", "cpu", ".to(");
  EXPECT_THROWS_WITH(there.mutable_data(), DeviceError, "cuda");
  EXPECT_THROWS_WITH(ones({2}).data_on(gpu), DeviceError, "cpu", "cuda");
  EXPECT_THROWS_WITH(Indices(Shape{2}).to(gpu).data(), DeviceError, "Indices", "cuda");
  EXPECT_THROWS_WITH(Mask(Shape{2}).to(gpu).data(), DeviceError, "Mask", "cuda");
}

TEST(Given_01, MixingDevicesNamesTheOpAndBoth) {
  const CountingDevice device;
  const Array here = ones({2, 2}), there = here.to(gpu);
  EXPECT_THROWS_WITH(here + there, DeviceError, "add", "cpu", "cuda");
  EXPECT_THROWS_WITH(matmul(there, here), DeviceError, "matmul", "cpu", "cuda");
  EXPECT_THROWS_WITH(where(Mask(Shape{2, 2}), there, there), DeviceError, "where", "cpu", "cuda");
  EXPECT_THROWS_WITH(concat(Arrays{here, there}, 0), DeviceError, "concat", "cpu", "cuda");
  EXPECT_THROWS_WITH(take(there, Indices(Shape{1})), DeviceError, "take", "cpu", "cuda");
}

TEST(Given_01, TransfersAreCounted) {
  const CountingDevice device;
  const std::uint64_t before = transfers();
  const Array there = ones({4}).to(gpu);
  EXPECT_EQ(transfers(), before + 1);
  there.clone();
  zeros_like(there);
  EXPECT_EQ(transfers(), before + 1);
  there.cpu();
  EXPECT_EQ(transfers(), before + 2);
}

TEST(Given_01, ACopyOfValuesKnowsWhereItCameFrom) {
  const CountingDevice device;
  Indices ids({2}, {3, 4});
  Indices there = ids.to(gpu);
  const std::uint64_t before = transfers();
  EXPECT_TRUE(same(there.to(Device::cpu), {2}, {3, 4}));
  EXPECT_TRUE(same(ids.to(gpu).to(Device::cpu), {2}, {3, 4}));
  EXPECT_EQ(transfers(), before + 1) << "only ids.to(gpu): nobody has written since";
  ids.mutable_data()[0] = 7;
  EXPECT_TRUE(same(there.to(Device::cpu), {2}, {3, 4})) << "what was copied before the source was written";
  EXPECT_EQ(transfers(), before + 1) << "whoever wrote has values of their own since";
  there = ids.to(gpu);
  there.mutable_data_on(gpu)[1] = 9;
  EXPECT_TRUE(same(there.to(Device::cpu), {2}, {7, 9})) << "what was written on the device";
  EXPECT_TRUE(same(ids, {2}, {7, 4}));
}

TEST(Given_01, CopiesOfValuesShareThemUntilOneIsWritten) {
  Indices ids({2}, {3, 4});
  const Indices copy = ids, seen = ids.with_shape({2, 1});
  EXPECT_EQ(copy.data().data(), ids.data().data());
  ids.mutable_data()[0] = 7;
  const std::int32_t* own = ids.data().data();
  ids.mutable_data()[1] = 8;
  EXPECT_EQ(ids.data().data(), own) << "nobody shares them any more";
  EXPECT_TRUE(same(ids, {2}, {7, 8}));
  EXPECT_TRUE(same(copy, {2}, {3, 4}));
  EXPECT_TRUE(same(seen, {2, 1}, {3, 4}));
  Mask mask({2}, {1, 1});
  const Mask before = mask;
  mask.mutable_data()[0] = 0;
  EXPECT_TRUE(same(before, {2}, {1, 1}));
}

TEST(Given_01, CopiesOnADeviceShareThemUntilOneIsWritten) {
  const CountingDevice device;
  Indices there = Indices({2}, {3, 4}).to(gpu);
  const Indices copy = there;
  there.mutable_data_on(gpu)[0] = 7;
  EXPECT_TRUE(same(there.to(Device::cpu), {2}, {7, 4}));
  EXPECT_TRUE(same(copy.to(Device::cpu), {2}, {3, 4}));
}

TEST(Given_01, ValuesMoveTogetherInOneTransfer) {
  const CountingDevice device;
  const Indices a({2}, {3, 4}), b({1, 3}, {5, 6, 7});
  const std::uint64_t before = transfers();
  std::vector<Indices> there = Indices::to(gpu, {a, b});
  EXPECT_EQ(transfers(), before + 1);
  EXPECT_EQ(there[1].device(), gpu);
  there.erase(there.begin());  // the block goes with the last of its parts
  EXPECT_EQ(there[0].data_on(gpu)[2], 7);
  there[0].mutable_data_on(gpu)[0] = 8;
  EXPECT_TRUE(same(there[0].to(Device::cpu), {1, 3}, {8, 6, 7}));
  EXPECT_TRUE(same(Indices::to(Device::cpu, {a, there[0]})[1], {1, 3}, {8, 6, 7}));
}

TEST(Given_01, PrimitivesOfTheCpuCanBeReplaced) {
  static int asked = 0;
  asked = 0;
  Primitives mine = plain_primitives();
  mine.neg = [](const Array& x) {
    ++asked;
    return x;
  };
  install_primitives(mine);
  EXPECT_EQ((-ones({2})).data()[0], 1);
  install_primitives(plain_primitives());
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(primitives_of(Device::cpu).neg, plain_primitives().neg);
}

}  // namespace
}  // namespace rushlight::test
