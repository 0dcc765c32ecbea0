// quantize() with `calibrate`: ranges that stay.
#include "helpers.hpp"

namespace rushlight::test {
namespace {

Array calibration_data(std::uint64_t seed) { return randn({7, 32}, seed); }

TEST(Unit_16_7, CalibrationFixesTheRanges) {
  Generator random(1);
  SmallNet net(random);
  const Array x = calibration_data(3), before = net(Tensor(x)).value();
  int runs = 0;
  quantize(net, {.calibrate = [&] {
             net(Tensor(x));
             ++runs;
           }});
  EXPECT_EQ(runs, 1);
  const auto* layer = dynamic_cast<QuantizedLinear*>(net.fc1.stand_in().get());
  ASSERT_NE(layer, nullptr);
  double low = 0, high = 0;
  for (const Real value : x.data()) {
    low = std::min(low, static_cast<double>(value));
    high = std::max(high, static_cast<double>(value));
  }
  ASSERT_TRUE(layer->input().has_value());
  EXPECT_EQ(*layer->input(), choose_qparams(low, high, Scheme::affine));
  EXPECT_GT(sqnr(before, net(Tensor(x)).value()), 25);
}

TEST(Unit_16_7, CalibrationUsesTheObserverThatIsAskedFor) {
  Generator random(1);
  SmallNet net(random);
  quantize(net, {.calibrate = [&] { net(Tensor(calibration_data(3))); },
                 .observer = [] { return std::make_unique<MinMaxObserver>(Scheme::symmetric); }});
  const auto* layer = dynamic_cast<QuantizedLinear*>(net.fc2.stand_in().get());
  ASSERT_NE(layer, nullptr);
  ASSERT_TRUE(layer->input().has_value());
  EXPECT_EQ(layer->input()->lowest, -127);
}

TEST(Unit_16_7, WhatCalibrationNeverReachedStaysFloat) {
  Generator random(1);
  SmallNet net(random);
  const QuantizeReport report = quantize(net, {.calibrate = [&] { net.fc1(Tensor(calibration_data(3))); }});
  EXPECT_TRUE(part_of(report, "fc1").quantized);
  EXPECT_FALSE(part_of(report, "fc2").quantized);
  EXPECT_NE(part_of(report, "fc2").why.find("calibration"), std::string::npos) << part_of(report, "fc2").why;
  EXPECT_FALSE(net.fc2.stand_in()) << "fc2 still has a stand-in";
  EXPECT_EQ(net(Tensor(calibration_data(4))).shape(), (Shape{7, 5}));
}

TEST(Unit_16_7, ACalibrationThatThrowsLeavesTheModelAsItWas) {
  Generator random(1);
  SmallNet net(random);
  const Array before = net(Tensor(calibration_data(3))).value();
  EXPECT_THROWS_WITH(quantize(net, {.calibrate =
                                        [&] {
                                          net.fc1(Tensor(calibration_data(3)));
                                          throw ValueError("no data");
                                        }}),
                     ValueError, "no data");
  EXPECT_FALSE(net.fc1.stand_in()) << "fc1 still has a stand-in";
  EXPECT_FALSE(net.fc2.stand_in()) << "fc2 still has a stand-in";
  EXPECT_TRUE(same_bits(net(Tensor(calibration_data(3))).value(), before));
  EXPECT_ANY_THROW(quantize(net, {.calibrate = [] { throw 7; }})) << "whatever it is that is thrown";
  EXPECT_FALSE(net.fc1.stand_in()) << "fc1 still has a stand-in";
  EXPECT_THROWS_WITH(quantize(net, {.weights = WeightFormat::q8_0, .calibrate = [] {}}), ValueError, "q8_0");
  EXPECT_FALSE(net.fc1.stand_in()) << "fc1 still has a stand-in";
}

TEST(Unit_16_7, APreparedModelMayBecomeBlocks) {
  Generator random(1);
  SmallNet net(random);
  prepare_qat(net);
  net(Tensor(calibration_data(3)));
  const QuantizeReport report = quantize(net, {.weights = WeightFormat::q8_0});
  EXPECT_TRUE(part_of(report, "fc1").quantized) << part_of(report, "fc1").why;
  const auto* layer = dynamic_cast<QuantizedLinear*>(net.fc1.stand_in().get());
  ASSERT_NE(layer, nullptr);
  EXPECT_FALSE(layer->input().has_value()) << "the input of blocks stays float";
}

TEST(Unit_16_7, WhatIsAskedWronglyChangesNothing) {
  Generator random(1);
  SmallNet net(random);
  EXPECT_THROWS_WITH(quantize(net, {.skip = {"fc1", "nowhere"}}), ValueError, "nowhere");
  EXPECT_THROWS_WITH(quantize(net, {.skip = {"nowhere"}, .calibrate = [] { FAIL() << "calibration ran"; }}), ValueError,
                     "nowhere");
  EXPECT_FALSE(net.fc1.stand_in() || net.fc2.stand_in());
  EXPECT_TRUE(net.fc2.weight.defined());
}

TEST(Unit_16_7, WhatTrainingFoundComesBeforeCalibration) {
  Generator random(1);
  SmallNet net(random);
  prepare_qat(net);
  net(Tensor(calibration_data(3)));
  const auto trained = dynamic_cast<FakeQuantLinear&>(*net.fc1.stand_in()).input();
  ASSERT_TRUE(trained.has_value());
  net.eval();
  quantize(net, {.calibrate = [&] { net(Tensor(calibration_data(3) * Array::scalar(100))); }});
  const auto* layer = dynamic_cast<QuantizedLinear*>(net.fc1.stand_in().get());
  ASSERT_NE(layer, nullptr);
  EXPECT_EQ(layer->input(), trained);
}

}  // namespace
}  // namespace rushlight::test
