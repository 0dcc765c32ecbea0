// 14.1: what products cost, against counts that were made by hand.
#include "helpers.hpp"

namespace rushlight::test {
namespace {

TEST(Unit_14_1, AProductIsTwoFlopsForEachTerm) {
  EXPECT_EQ(matmul_flops(forward("matmul", {{2, 3}, {3, 4}}, {2, 4})), 2 * 2 * 3 * 4);
  EXPECT_EQ(matmul_flops(forward("matmul", {{5, 2, 3}, {5, 3, 4}}, {5, 2, 4})), 5 * 48);
}

TEST(Unit_14_1, AMatrixThatLiesTransposedCostsTheSame) {
  EXPECT_EQ(matmul_flops(forward("matmul", {{3, 2}, {3, 4}}, {2, 4})), 48) << "transpose_a";
  EXPECT_EQ(matmul_flops(forward("matmul", {{2, 3}, {4, 3}}, {2, 4})), 48) << "transpose_b";
  EXPECT_EQ(matmul_flops(forward("matmul", {{7, 3, 2}, {7, 4, 3}}, {7, 2, 4})), 7 * 48) << "both";
}

TEST(Unit_14_1, LeadingAxesBroadcast) {
  EXPECT_EQ(matmul_flops(forward("matmul", {{5, 1, 2, 3}, {6, 3, 4}}, {5, 6, 2, 4})), 30 * 48);
  EXPECT_EQ(matmul_flops(forward("matmul", {{2, 3}, {6, 3, 4}}, {6, 2, 4})), 6 * 48);
}

TEST(Unit_14_1, VectorsAreProductsToo) {
  EXPECT_EQ(matmul_flops(forward("matmul", {{3}, {3}}, {})), 6);
  EXPECT_EQ(matmul_flops(forward("matmul", {{3}, {3, 4}}, {4})), 24);
  EXPECT_EQ(matmul_flops(forward("matmul", {{3}, {5, 3, 4}}, {5, 4})), 5 * 24);
  EXPECT_EQ(matmul_flops(forward("matmul", {{2, 3}, {3}}, {2})), 12);
  EXPECT_EQ(matmul_flops(forward("matmul", {{5, 2, 3}, {3}}, {5, 2})), 5 * 12);
}

// M = 2, K = 3, N = 4: vectors, matrices and what lies transposed, each beside each, alone and five times.
TEST(Unit_14_1, HoweverTheOperandsLieEachOutputTakesTwoK) {
  const auto times = [](const Shape& leading, const Shape& last) {
    Shape shape = leading;
    for (const std::int64_t size : last) shape.push_back(size);
    return shape;
  };
  for (const Shape& leading : {Shape{}, Shape{5}, Shape{5, 1}}) {
    for (const Shape& a : {Shape{2, 3}, Shape{3, 2}, Shape{3}}) {
      for (const Shape& b : {Shape{3, 4}, Shape{4, 3}, Shape{3}}) {
        const bool row = a.rank() == 1, column = b.rank() == 1;
        const Shape one = row && column ? Shape{} : row ? Shape{4} : column ? Shape{2} : Shape{2, 4};
        const Shapes inputs{row ? a : times(leading, a), column ? b : times(leading, b)};
        const Shape out = row && column ? one : times(leading, one);
        const std::int64_t product = 2 * 3 * out.numel();
        EXPECT_EQ(matmul_flops(forward("matmul", inputs, out)), product) << inputs[0].str() << " " << inputs[1].str();
        EXPECT_EQ(matmul_flops(backward("matmul", inputs, out, {true, true})), 2 * product)
            << inputs[0].str() << " " << inputs[1].str();
      }
    }
  }
}

TEST(Unit_14_1, NothingTimesNothingCostsNothing) {
  EXPECT_EQ(matmul_flops(forward("matmul", {{0, 3}, {3, 4}}, {0, 4})), 0);
  EXPECT_EQ(matmul_flops(forward("matmul", {{2, 0}, {0, 4}}, {2, 4})), 0);
}

TEST(Unit_14_1, EachGradientThatIsWantedIsOneMoreProduct) {
  EXPECT_EQ(matmul_flops(backward("matmul", {{2, 3}, {3, 4}}, {2, 4}, {true, true})), 96);
  EXPECT_EQ(matmul_flops(backward("matmul", {{2, 3}, {3, 4}}, {2, 4}, {false, true})), 48);
  EXPECT_EQ(matmul_flops(backward("matmul", {{2, 3}, {3, 4}}, {2, 4}, {true, false})), 48);
}

TEST(Unit_14_1, LinearCountsEveryRowAndTheBias) {
  EXPECT_EQ(linear_flops(forward("linear", {{2, 3}, {4, 3}, {4}}, {2, 4})), 48 + 8);
  EXPECT_EQ(linear_flops(forward("linear", {{2, 3}, {4, 3}}, {2, 4})), 48);
  EXPECT_EQ(linear_flops(forward("linear", {{5, 2, 3}, {4, 3}, {4}}, {5, 2, 4})), 5 * 56);
  EXPECT_EQ(linear_flops(forward("linear", {{3}, {4, 3}, {4}}, {4})), 24 + 4);
}

TEST(Unit_14_1, LinearBackwardIsTwoProductsAndASum) {
  const Shapes inputs{{2, 3}, {4, 3}, {4}};
  EXPECT_EQ(linear_flops(backward("linear", inputs, {2, 4}, {true, true, true})), 96 + 8);
  EXPECT_EQ(linear_flops(backward("linear", inputs, {2, 4}, {false, true, true})), 48 + 8) << "a first layer: no dx";
  EXPECT_EQ(linear_flops(backward("linear", inputs, {2, 4}, {true, false, false})), 48) << "a frozen layer";
  EXPECT_EQ(linear_flops(backward("linear", {{2, 3}, {4, 3}}, {2, 4}, {true, true})), 96) << "no bias";
}

TEST(Unit_14_1, AConvolutionIsAProductAtEveryPlace) {
  const Shapes inputs{{5, 2, 4, 6}, {3, 2, 3, 2}, {3}};
  const Shape out{5, 3, 2, 5};
  EXPECT_EQ(conv2d_flops(forward("conv2d", inputs, out)), 150 * 2 * 12 + 150);
  EXPECT_EQ(conv2d_flops(forward("conv2d", {inputs[0], inputs[1]}, out)), 150 * 2 * 12);
  EXPECT_EQ(conv2d_flops(backward("conv2d", inputs, out, {true, true, true})), 2 * 3600 + 150);
  EXPECT_EQ(conv2d_flops(backward("conv2d", inputs, out, {false, true, true})), 3600 + 150);
}

TEST(Unit_14_1, CountsGoBeyond32Bits) {  // each about 2^40, forward and for one gradient
  constexpr std::int64_t large = 8192;
  const Shape square{large, large};
  EXPECT_EQ(matmul_flops(forward("matmul", {square, square}, square)), 2 * large * large * large);
  EXPECT_EQ(matmul_flops(backward("matmul", {square, square}, square, {true, false})), 2 * large * large * large);
  EXPECT_EQ(linear_flops(forward("linear", {square, square}, square)), 2 * large * large * large);
  EXPECT_EQ(linear_flops(backward("linear", {square, square, {large}}, square, {false, false, true})), large * large);
  const Shape image{large, 64, 16, 16};
  EXPECT_EQ(conv2d_flops(forward("conv2d", {image, {64, 64, 1, 1}}, image)), 2 * image.numel() * 64);
  const Shape heads{64, 8, 2048, 64};
  EXPECT_EQ(attention_flops(forward("attention", {heads, heads, heads}, heads)),
            (64LL * 8 * 2048 * 2048) * (4 * 64 + 6));
}

TEST(Unit_14_1, GroupsOfChannelsSaveProducts) {
  EXPECT_EQ(conv2d_flops(forward("conv2d", {{1, 4, 3, 3}, {4, 2, 3, 3}}, {1, 4, 1, 1})), 4 * 2 * 18);
}

TEST(Unit_14_1, AttentionIsTwoProductsAndASoftmax) {
  // 2·3·5·7 = 210 scores, K = 4, V = 6
  const Shapes inputs{{2, 3, 5, 4}, {2, 3, 7, 4}, {2, 3, 7, 6}};
  EXPECT_EQ(attention_flops(forward("attention", inputs, {2, 3, 5, 6})), 210 * (2 * 4 + 2 * 6 + 6));
  for (const std::vector<bool>& needs :
       {std::vector<bool>{true, true, true}, {true, false, false}, {false, false, true}}) {
    EXPECT_EQ(attention_flops(backward("attention", inputs, {2, 3, 5, 6}, needs)), 210 * (4 * 4 + 4 * 6 + 5))
        << "all three at once, whoever wants them";
  }
}

TEST(Unit_14_1, GroupedQueriesSaveMemoryAndNoProducts) {
  const Shapes shared{{2, 6, 5, 4}, {2, 2, 7, 4}, {2, 2, 7, 4}};
  EXPECT_EQ(attention_flops(forward("attention", shared, {2, 6, 5, 4})), 2 * 6 * 5 * 7 * 22);
}

}  // namespace
}  // namespace rushlight::test
