// 14.8: from two passes to a large one, on tables made by hand.
#include "helpers.hpp"

namespace rushlight::test {
namespace {

TEST(Unit_14_8, TwoPointsMakeALine) {
  EXPECT_EQ(on_line({.at_one = 10, .at_two = 17}, 1), 10);
  EXPECT_EQ(on_line({.at_one = 10, .at_two = 17}, 2), 17);
  EXPECT_EQ(on_line({.at_one = 10, .at_two = 17}, 5), 38);
  EXPECT_EQ(on_line({.at_one = 10, .at_two = 10}, 1000), 10) << "what does not grow";
  EXPECT_EQ(on_line({.at_one = 6'000'000'000, .at_two = 12'000'000'000}, 1000), 6'000'000'000'000);
}

Summary pass(std::int64_t n) {
  return {.batch = n,
          .rows = {{.path = "",
                    .depth = 0,
                    .output = {n, 10},
                    .parameters = 58,
                    .flops = 100 * n + 7,
                    .rule_flops = 200 * n,
                    .unknown = 1},
                   {.path = "0",
                    .depth = 1,
                    .output = {n, 1, 8},
                    .parameters = 48,
                    .flops = 60 * n,
                    .rule_flops = 130 * n + 4,
                    .unknown = 0},
                   {.path = "table",
                    .depth = 1,
                    .output = {6, 8},
                    .parameters = 10,
                    .flops = 7,
                    .rule_flops = 0,
                    .unknown = 0}},
          .parameter_bytes = 232,
          .activation_bytes = 500 * n + 48};
}

TEST(Unit_14_8, WhatGrowsIsPredictedAndTheRestIsKept) {
  const Summary all = predict(pass(1), pass(2), 64);
  EXPECT_EQ(all.batch, 64);
  ASSERT_EQ(all.rows.size(), 3U);
  EXPECT_EQ(all.rows[0].flops, 6407);
  EXPECT_EQ(all.rows[0].rule_flops, 12800);
  EXPECT_EQ(all.rows[1].flops, 3840);
  EXPECT_EQ(all.rows[1].rule_flops, 130 * 64 + 4);
  EXPECT_EQ(all.rows[2].flops, 7);
  EXPECT_EQ(all.rows[0].parameters, 58);
  EXPECT_EQ(all.rows[0].unknown, 1);
  EXPECT_EQ(all.rows[1].depth, 1);
  EXPECT_EQ(all.parameter_bytes, 232);
  EXPECT_EQ(all.activation_bytes, 32048);
}

TEST(Unit_14_8, TheBatchStandsInFrontOfTheShapes) {
  const Summary all = predict(pass(1), pass(2), 64);
  ASSERT_EQ(all.rows.size(), 3U);
  EXPECT_EQ(all.rows[0].output, (Shape{64, 10}));
  EXPECT_EQ(all.rows[1].output, (Shape{64, 1, 8})) << "only the first axis";
  EXPECT_EQ(all.rows[2].output, (Shape{6, 8})) << "a table has no batch";
}

TEST(Unit_14_8, ANumberForEachExampleHasItsBatchToo) {
  Summary one = pass(1), two = pass(2);
  one.rows[0].output = {1};
  two.rows[0].output = {2};
  EXPECT_EQ(predict(one, two, 64).rows[0].output, (Shape{64}));
}

TEST(Unit_14_8, ABatchOfOneIsTheFirstPass) {
  const Summary all = predict(pass(1), pass(2), 1);
  EXPECT_EQ(all.rows[0].flops, 107);
  EXPECT_EQ(all.activation_bytes, 548);
}

TEST(Unit_14_8, PassesThatDifferAreRefused) {
  Summary other = pass(2);
  other.rows[1].path = "1";
  EXPECT_THROW(predict(pass(1), other, 4), ValueError);
  other = pass(2);
  other.rows.pop_back();
  EXPECT_THROW(predict(pass(1), other, 4), ValueError);
  EXPECT_THROW(predict(other, pass(2), 4), ValueError);
  EXPECT_THROW(predict(pass(1), pass(2), 0), ValueError);
  EXPECT_THROW(predict(pass(1), pass(2), -3), ValueError);
}

}  // namespace
}  // namespace rushlight::test
