#include "13_transformers/gpt.hpp"
#include "helpers.hpp"

namespace rushlight::test {
namespace {

// The same weight twice, as a language model has it, and a part that nobody has a kernel for.
struct Tied : Module {
  Embedding table;
  Unembed head;
  Tensor scale;

  explicit Tied(Generator& random)
      : table({.count = 12, .width = 32}, random),
        head(table.weight, Tensor(zeros({12}), true)),
        scale(ones({32}), true) {}
  Tensor forward(const Indices& ids) { return head(table(ids) * scale); }
  void members(Members& m) override {
    m("scale", scale);
    m("table", table);
    m("head", head);
  }
};

Array sample(std::uint64_t seed) { return randn({7, 32}, seed); }

TEST(Unit_16_7, EveryLinearIsReplaced) {
  Generator random(1);
  SmallNet net(random);
  const Array x = sample(2), before = net(Tensor(x)).value();
  const QuantizeReport report = quantize(net);
  EXPECT_NE(dynamic_cast<QuantizedLinear*>(net.fc1.stand_in().get()), nullptr);
  EXPECT_NE(dynamic_cast<QuantizedLinear*>(net.fc2.stand_in().get()), nullptr);
  EXPECT_EQ(net.norm.stand_in(), nullptr);
  const Array after = net(Tensor(x)).value();
  EXPECT_GT(sqnr(before, after), 25);
  EXPECT_LT(sqnr(before, after), 70) << "as exact as float: is this int8?";
  ASSERT_EQ(report.parts.size(), 3U);
  EXPECT_TRUE(part_of(report, "fc1").quantized);
  EXPECT_EQ(part_of(report, "fc1").why, "");
  EXPECT_GT(part_of(report, "fc1").weight_sqnr, 35);
  EXPECT_EQ(part_of(report, "norm").kind, "LayerNorm");
  EXPECT_FALSE(part_of(report, "norm").quantized);
  EXPECT_NE(part_of(report, "norm").why.find("LayerNorm"), std::string::npos);
}

TEST(Unit_16_7, PartsComeInTheModelsOrderAndFormat) {
  for (const WeightFormat format : {WeightFormat::int8, WeightFormat::q8_0, WeightFormat::q4_0}) {
    Generator random(1);
    SmallNet net(random);
    const QuantizeReport report = quantize(net, {.weights = format});
    ASSERT_EQ(report.parts.size(), 3U);
    EXPECT_EQ(report.parts[0].path, "fc1");
    EXPECT_EQ(report.parts[1].path, "norm");
    EXPECT_EQ(report.parts[2].path, "fc2");
    const auto* layer = dynamic_cast<QuantizedLinear*>(net.fc1.stand_in().get());
    ASSERT_NE(layer, nullptr);
    EXPECT_EQ(layer->weight()->format, format);
    EXPECT_FALSE(layer->input().has_value());
  }
}

TEST(Unit_16_7, FloatWeightsAreLetGo) {
  Generator random(1);
  SmallNet net(random);
  const Array bias = net.fc1.bias.value().clone();
  quantize(net);
  EXPECT_FALSE(net.fc1.weight.defined());
  EXPECT_FALSE(net.fc1.bias.defined());
  EXPECT_TRUE(net.norm.weight.defined());
  const auto* layer = dynamic_cast<QuantizedLinear*>(net.fc1.stand_in().get());
  ASSERT_NE(layer, nullptr);
  EXPECT_TRUE(near(layer->bias().value(), bias, exactly));
}

TEST(Unit_16_7, BytesAreWhatArithmeticSays) {
  Generator random(1);
  SmallNet net(random);
  const QuantizeReport report = quantize(net);
  const QuantizedPart& fc1 = part_of(report, "fc1");
  EXPECT_EQ(fc1.bytes_before, 4 * (64 * 32 + 64));
  EXPECT_EQ(fc1.bytes_after, 64 * 32 + 4 * 64 + 4 * 64);
  EXPECT_EQ(part_of(report, "norm").bytes_before, 4 * 2 * 64);
  EXPECT_EQ(part_of(report, "norm").bytes_after, 4 * 2 * 64);
  EXPECT_EQ(report.bytes_before(), 4 * (64 * 32 + 64 + 2 * 64 + 5 * 64 + 5));
  EXPECT_EQ(report.bytes_after(), (64 * 32 + 8 * 64) + 4 * 2 * 64 + (5 * 64 + 8 * 5));
  Generator again(1);
  SmallNet four(again);
  EXPECT_EQ(part_of(quantize(four, {.weights = WeightFormat::q4_0}), "fc1").bytes_after, 64 * 18 + 4 * 64);
}

TEST(Unit_16_7, WhatIsSkippedStaysFloat) {
  Generator random(1);
  SmallNet net(random);
  const QuantizeReport report = quantize(net, {.skip = {"fc2"}});
  EXPECT_TRUE(part_of(report, "fc1").quantized);
  EXPECT_FALSE(part_of(report, "fc2").quantized);
  EXPECT_NE(part_of(report, "fc2").why.find("skip"), std::string::npos);
  EXPECT_TRUE(net.fc2.weight.defined());
  EXPECT_EQ(net.fc2.stand_in(), nullptr);
  EXPECT_THROWS_WITH(quantize(net, {.skip = {"fc3"}}), ValueError, "fc3");
}

TEST(Unit_16_7, AMatrixThatNoBlockFitsStaysFloatAndSaysWhy) {
  Generator random(1);
  SmallNet net(random, 33, 64, 5);
  const QuantizeReport report = quantize(net, {.weights = WeightFormat::q8_0});
  EXPECT_FALSE(part_of(report, "fc1").quantized);
  EXPECT_NE(part_of(report, "fc1").why.find("32"), std::string::npos) << part_of(report, "fc1").why;
  EXPECT_EQ(part_of(report, "fc1").bytes_after, part_of(report, "fc1").bytes_before);
  EXPECT_TRUE(part_of(report, "fc2").quantized);
  EXPECT_EQ(net(Tensor(randn({2, 33}, 2))).shape(), (Shape{2, 5}));
}

TEST(Unit_16_7, NaNInAWeightStaysFloatAndSaysWhy) {
  Generator random(1);
  SmallNet net(random);
  net.fc1.weight.mutable_value().mutable_data()[3] = real_nan;
  const QuantizeReport report = quantize(net);
  EXPECT_FALSE(part_of(report, "fc1").quantized);
  EXPECT_NE(part_of(report, "fc1").why.find("number 3"), std::string::npos) << part_of(report, "fc1").why;
  EXPECT_TRUE(net.fc1.weight.defined());
}

TEST(Unit_16_7, SharedWeightsStayShared) {
  Generator random(2);
  Tied model(random);
  const Indices ids({1, 3}, std::vector<std::int32_t>{3, 11, 0});
  const Array before = model.forward(ids).value();
  const QuantizeReport report = quantize(model);
  EXPECT_GT(sqnr(before, model.forward(ids).value()), 25);
  const auto* head = dynamic_cast<QuantizedLinear*>(model.head.stand_in().get());
  ASSERT_NE(head, nullptr);
  EXPECT_TRUE(model.table.is_replaced());
  EXPECT_EQ(head->weight().use_count(), 2) << "one weight, held by the head and the table";
  EXPECT_EQ(part_of(report, "").kind, "Tied");
  EXPECT_EQ(part_of(report, "").bytes_after, 4 * 32);
  EXPECT_EQ(part_of(report, "table").bytes_before, 4 * 12 * 32);
  EXPECT_EQ(part_of(report, "table").bytes_after, 12 * 32 + 4 * 12);
  EXPECT_EQ(part_of(report, "head").bytes_before, 4 * 12);
  EXPECT_EQ(part_of(report, "head").bytes_after, 4 * 12);
}

TEST(Unit_16_7, WhatIsSharedAndStaysFloatCountsOnce) {
  Generator random(2);
  Tied model(random);
  const QuantizeReport report = quantize(model, {.skip = {"table", "head"}});
  EXPECT_EQ(part_of(report, "table").bytes_after, 4 * 12 * 32);
  EXPECT_EQ(part_of(report, "head").bytes_after, 4 * 12) << "its bias alone";
}

TEST(Unit_16_7, TablesMayStayFloat) {
  Generator random(2);
  Tied model(random);
  const QuantizeReport report = quantize(model, {.embeddings = false});
  EXPECT_FALSE(model.table.is_replaced());
  EXPECT_FALSE(part_of(report, "table").quantized);
  EXPECT_TRUE(model.table.weight.defined());
  EXPECT_TRUE(part_of(report, "head").quantized);
  EXPECT_EQ(part_of(report, "table").bytes_after, 4 * 12 * 32);
  EXPECT_EQ(part_of(report, "head").bytes_after, 12 * 32 + 4 * 12 + 4 * 12) << "a second weight beside the float one";
}

TEST(Unit_16_7, APreparedLayerThatDoesNotFitStaysPrepared) {
  Generator random(1);
  SmallNet net(random);
  prepare_qat(net);
  const auto prepared = net.fc1.stand_in();
  net.fc1.weight.mutable_value().mutable_data()[3] = real_nan;
  EXPECT_FALSE(part_of(quantize(net), "fc1").quantized);
  EXPECT_EQ(net.fc1.stand_in(), prepared);
}

TEST(Unit_16_7, ASecondTimeChangesNothing) {
  Generator random(1);
  SmallNet net(random);
  quantize(net, {.skip = {"fc2"}});
  const auto first = net.fc1.stand_in();
  const QuantizeReport report = quantize(net);
  EXPECT_EQ(net.fc1.stand_in(), first);
  EXPECT_TRUE(part_of(report, "fc2").quantized);
  for (const QuantizedPart& part : report.parts) EXPECT_NE(part.path, "fc1") << "it has no parameters any more";
}

struct Doubled : Linear {
  using Linear::Linear;
  Tensor forward(const Tensor& x) override { return Linear::forward(x) * Tensor(Real{2}); }
};
struct Odd : Module {
  Doubled layer;
  explicit Odd(Generator& random) : layer({.in = 32, .out = 2}, random) {}
  Tensor forward(const Tensor& x) override { return layer(x); }
  void members(Members& m) override { m("layer", layer); }
};

TEST(Unit_16_7, ADerivedClassMayComputeSomethingElse) {
  Generator random(1);
  Odd model(random);
  const Array before = model(Tensor(sample(3))).value();
  const QuantizeReport report = quantize(model);
  EXPECT_FALSE(part_of(report, "layer").quantized);
  EXPECT_NE(part_of(report, "layer").why.find("Doubled"), std::string::npos);
  EXPECT_TRUE(same_bits(model(Tensor(sample(3))).value(), before));
}

TEST(Unit_16_7, TheTableNamesEveryPart) {
  Generator random(1);
  SmallNet net(random);
  const std::string table = quantize(net, {.skip = {"fc2"}}).table();
  for (const char* piece : {"fc1", "norm", "LayerNorm", "named in skip", "8448", "all"}) {
    EXPECT_NE(table.find(piece), std::string::npos) << piece << "\n" << table;
  }
}

}  // namespace
}  // namespace rushlight::test
