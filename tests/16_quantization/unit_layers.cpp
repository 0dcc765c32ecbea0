#include "helpers.hpp"

namespace rushlight::test {
namespace {

constexpr std::array<WeightFormat, 3> formats = {WeightFormat::int8, WeightFormat::q8_0, WeightFormat::q4_0};

SharedWeight shared(const Array& weight, WeightFormat format) {
  return std::make_shared<QuantizedWeight>(quantize_weight(weight, format));
}

TEST(Unit_16_6, WeightsInEveryFormat) {
  const Array w = randn({6, 64}, 1);
  const QuantizedWeight eight = quantize_weight(w, WeightFormat::int8);
  EXPECT_EQ(eight.shape(), w.shape());
  EXPECT_EQ(eight.int8.params.size(), 6U) << "one scale for every output";
  EXPECT_EQ(eight.int8.options.scheme, Scheme::symmetric);
  EXPECT_EQ(eight.sums, row_sums(eight.int8));
  EXPECT_EQ(quantize_weight(w, WeightFormat::q8_0).blocks.type, BlockType::q8_0);
  EXPECT_EQ(quantize_weight(w, WeightFormat::q4_0).blocks.type, BlockType::q4_0);
  EXPECT_GT(sqnr(w, dequantize(eight)), 35);
  EXPECT_GT(sqnr(w, dequantize(quantize_weight(w, WeightFormat::q8_0))), 40);
  EXPECT_GT(sqnr(w, dequantize(quantize_weight(w, WeightFormat::q4_0))), 17);
  EXPECT_THROW(quantize_weight(zeros({4}), WeightFormat::int8), ShapeError);
}

TEST(Unit_16_6, BytesAreCounted) {
  const Array w = randn({6, 64}, 1);
  EXPECT_EQ(bytes_of(quantize_weight(w, WeightFormat::int8)), 6 * 64 + 6 * 4);
  EXPECT_EQ(bytes_of(quantize_weight(w, WeightFormat::q8_0)), 6 * 2 * 34);
  EXPECT_EQ(bytes_of(quantize_weight(w, WeightFormat::q4_0)), 6 * 2 * 18);
}

TEST(Unit_16_6, ALayerIsItsProduct) {
  const Array w = randn({6, 64}, 1), bias = randn({6}, 2), x = randn({2, 3, 64}, 3);
  for (const WeightFormat format : formats) {
    QuantizedLinear layer(shared(w, format), Tensor(bias));
    const Array y = layer(Tensor(x)).value();
    EXPECT_EQ(y.shape(), (Shape{2, 3, 6})) << name_of(format);
    EXPECT_LT(relative_error(y, product_of(x.with_shape({6, 64}), w, bias)),
              format == WeightFormat::q4_0 ? 0.15 : 0.02);
    QuantizedLinear without(shared(w, format), Tensor());
    EXPECT_LT(relative_error(without(Tensor(x)).value(), product_of(x.with_shape({6, 64}), w)),
              format == WeightFormat::q4_0 ? 0.15 : 0.02);
  }
}

TEST(Unit_16_6, TheBiasIsACopy) {
  for (const WeightFormat format : formats) {
    Tensor bias(randn({6}, 2));
    QuantizedLinear layer(shared(randn({6, 64}, 1), format), bias);
    const Array x = randn({2, 64}, 3), before = layer(Tensor(x)).value();
    bias.mutable_value().mutable_data()[4] = 1000;  // as an optimizer writes
    EXPECT_TRUE(same_bits(layer(Tensor(x)).value(), before)) << name_of(format);
  }
}

TEST(Unit_16_6, LeadingAxesMayBeAbsentOrEmpty) {
  for (const WeightFormat format : formats) {
    QuantizedLinear layer(shared(randn({6, 32}, 1), format), Tensor());
    EXPECT_EQ(layer(Tensor(randn({32}, 3))).shape(), Shape{6});
    EXPECT_EQ(layer(Tensor(Array(Shape{2, 0, 32}))).shape(), (Shape{2, 0, 6}));
    EXPECT_THROWS_WITH(layer(Tensor(zeros({2, 31}))), ShapeError, "(2, 31)", "32");
  }
}

TEST(Unit_16_6, AStaticInputSaturates) {
  QuantizedLinear layer(shared(Array({1, 32}, std::vector<Real>(32, 1)), WeightFormat::int8), Tensor(),
                        choose_qparams(-1, 1, Scheme::affine));
  Array x = zeros({1, 32});
  x.mutable_data()[0] = 100;
  EXPECT_NEAR(static_cast<double>(layer(Tensor(x)).item()), 1, 0.02) << "100 is clamped to the calibrated range";
  QuantizedLinear dynamic(shared(Array({1, 32}, std::vector<Real>(32, 1)), WeightFormat::int8), Tensor());
  EXPECT_NEAR(static_cast<double>(dynamic(Tensor(x)).item()), 100, 0.5);
}

TEST(Unit_16_6, OptionsThatDoNotFitAreErrors) {
  const Array w = randn({6, 32}, 1);
  EXPECT_THROWS_WITH(QuantizedLinear(shared(w, WeightFormat::q8_0), Tensor(), QParams{}), ValueError, "q8_0");
  EXPECT_THROWS_WITH(QuantizedLinear(shared(w, WeightFormat::int8), Tensor(zeros({5}))), ShapeError, "(5,)");
}

TEST(Unit_16_6, RowsOfATable) {
  const Array table = randn({5, 64}, 4);
  for (const WeightFormat format : formats) {
    QuantizedEmbedding layer(shared(table, format));
    const Tensor y = layer(Indices({2, 2}, std::vector<std::int32_t>{4, 0, 0, 2}));
    ASSERT_EQ(y.shape(), (Shape{2, 2, 64}));
    EXPECT_FALSE(y.requires_grad());
    const Array whole = dequantize(*layer.weight());
    const std::array<std::int64_t, 4> ids = {4, 0, 0, 2};
    for (std::int64_t i = 0; i < 4 * 64; ++i) {
      EXPECT_EQ(y.value().data()[i], whole.data()[ids[i / 64] * 64 + i % 64]) << name_of(format) << " " << i;
    }
    EXPECT_THROWS_WITH(layer(Indices(Shape{1}, std::vector<std::int32_t>{5})), IndexError, "5", "4");
    EXPECT_THROWS_WITH(layer(Indices(Shape{1}, std::vector<std::int32_t>{-1})), IndexError, "-1");
  }
}

TEST(Unit_16_6, OnlyTheRowsThatAreAskedForAreMade) {
  const Array table = randn({64, 256}, 4);
  const auto whole = static_cast<std::int64_t>(table.size() * sizeof(Real));
  for (const WeightFormat format : formats) {
    QuantizedEmbedding layer(shared(table, format));
    const Indices ids({2}, std::vector<std::int32_t>{63, 7});
    EXPECT_LT(largest_block([&] { layer(ids); }), whole / 2) << name_of(format);
  }
}

TEST(Unit_16_6, NothingInThemIsTrained) {
  const SharedWeight w = shared(randn({6, 32}, 1), WeightFormat::int8);
  QuantizedLinear layer(w, Tensor(zeros({6}), true));
  QuantizedEmbedding table(w);
  EXPECT_TRUE(layer.parameters().empty());
  EXPECT_TRUE(table.parameters().empty());
  EXPECT_FALSE(layer(Tensor(zeros({1, 32}))).requires_grad());
}

}  // namespace
}  // namespace rushlight::test
