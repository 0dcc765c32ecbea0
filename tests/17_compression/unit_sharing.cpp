// Weight sharing: Lloyd's algorithm, zeros, and a list that learns.
#include "helpers.hpp"

namespace rushlight::test {
namespace {

std::vector<std::int32_t> codes_of(const Codebook& book) {
  return {book.codes.data().begin(), book.codes.data().end()};
}

// Every number has the nearest entry, and every entry is the mean of its numbers: where Lloyd's algorithm ends.
void expect_at_rest(const Array& weight, const Codebook& book, std::int64_t first_entry = 0) {
  Doubles sums(book.values.size()), counts(book.values.size());
  for (std::int64_t i = 0; i < weight.size(); ++i) {
    const double number = weight.data()[i];
    const auto code = book.codes.data()[i];
    ASSERT_TRUE(code >= 0 && code < book.values.size());
    if (code < first_entry) continue;
    sums[code] += number, counts[code] += 1;
    for (std::int64_t k = first_entry; k < book.values.size(); ++k) {
      ASSERT_LE(std::abs(number - book.values.data()[code]), std::abs(number - book.values.data()[k]) + 1e-6) << i;
    }
  }
  for (std::int64_t k = first_entry; k < book.values.size(); ++k) {
    if (counts[k] == 0) continue;
    EXPECT_NEAR(book.values.data()[k], sums[k] / counts[k], 1e-6) << k;
  }
}

TEST(Unit_17_8, ByHand) {  // starts at 1, 6, 11: {1, 2, 3}, {5, 6}, {11} are at rest after one average
  const Array weight({2, 3}, {1, 2, 3, 5, 6, 11});
  const Codebook book = share_weights(weight, {.clusters = 3});
  EXPECT_TRUE(near(book.values, Shape{3}, {2, 5.5, 11}));
  EXPECT_EQ(book.codes.shape(), (Shape{2, 3}));
  EXPECT_EQ(codes_of(book), (std::vector<std::int32_t>{0, 0, 0, 1, 1, 2}));
}

TEST(Unit_17_8, AssignmentsMoveUntilTheyRest) {  // starts at 0 and 10: 4.9 first goes with 0, then with the others
  const Array weight({6}, {0, 4.9, 5.1, 5.2, 5.3, 10});
  const Codebook book = share_weights(weight, {.clusters = 2, .keep_zeros = false});
  expect_at_rest(weight, book);
  EXPECT_EQ(codes_of(book), (std::vector<std::int32_t>{0, 1, 1, 1, 1, 1}));
  const Codebook once = share_weights(weight, {.clusters = 2, .keep_zeros = false, .rounds = 1});
  for (std::int64_t i = 0; i < 6; ++i) {
    const double number = weight.data()[i];
    EXPECT_LE(std::abs(number - once.values.data()[once.codes.data()[i]]),
              std::abs(number - once.values.data()[1 - once.codes.data()[i]]))
        << "stopped early, the codes are nearest all the same";
  }
}

TEST(Unit_17_8, RestOnRandomNumbers) {
  for (const std::int64_t clusters : {2, 5, 16}) {
    const Array weight = randn({20, 15}, 90);
    expect_at_rest(weight, share_weights(weight, {.clusters = clusters}));
  }
}

TEST(Unit_17_8, TiesGoToTheFirst) {  // 0.5 lies between 0 and 1
  const Codebook book = share_weights(Array({5}, {-1, 2, -1, 2, 0.5}), {.clusters = 2, .rounds = 1});
  EXPECT_EQ(codes_of(book)[4], 0);
  EXPECT_TRUE(near(book.values, Shape{2}, {-0.5, 2}));
}

TEST(Unit_17_8, ZerosAreKeptApart) {
  const Array weight({8}, {0, 0.1, -0.1, 0, 1, 1.1, -1, 0});
  const Codebook book = share_weights(weight, {.clusters = 3});
  ASSERT_EQ(book.values.shape(), Shape{3});
  EXPECT_EQ(book.values.data()[0], 0);
  const std::vector<std::int32_t> codes = codes_of(book);
  for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(codes[i] == 0, weight.data()[i] == 0) << i;
  expect_at_rest(weight, book, 1);
  const Codebook mixed = share_weights(weight, {.clusters = 3, .keep_zeros = false});
  EXPECT_EQ(codes_of(mixed)[1], codes_of(mixed)[0]) << "without it, 0.1 and 0 share a value";
}

TEST(Unit_17_8, ZerosTakeNoPartInTheSearch) {  // starts at 5 and 9; with the zero in the range at 0 and 9
  for (const Real sign : {Real{1}, Real{-1}}) {
    const Codebook book = share_weights(Array({4}, {0, 5, 6, 9}) * sign, {.clusters = 3});
    Doubles values = to_doubles(book.values);
    std::sort(values.begin(), values.end(), [](double a, double b) { return std::abs(a) < std::abs(b); });
    EXPECT_TRUE(
        near(Array({3}, std::vector<Real>(values.begin(), values.end())), Array({3}, {0, 5.5, 9}) * sign, close));
  }
}

TEST(Unit_17_8, AnEntryThatNobodyTookStays) {
  const Codebook book = share_weights(Array({4}, {1, 1, 9, 9}), {.clusters = 5});
  EXPECT_TRUE(near(book.values, Shape{5}, {1, 3, 5, 7, 9})) << "and is no 0/0";
  EXPECT_EQ(codes_of(book), (std::vector<std::int32_t>{0, 0, 4, 4}));
}

TEST(Unit_17_8, FewNumbers) {
  EXPECT_TRUE(near(share_weights(Array({3}, {2, 4, 9}), {.clusters = 1}).values, Shape{1}, {5}));
  EXPECT_TRUE(near(share_weights(Array::scalar(3), {.clusters = 2}).values, Shape{2}, {3, 3}));
  EXPECT_TRUE(near(share_weights(Array({3}, {1, 4, 9}), {.clusters = 5}).values, Shape{5}, {1, 4, 5, 7, 9}));
  const Codebook nothing = share_weights(zeros({2, 2}), {.clusters = 4});
  EXPECT_EQ(codes_of(nothing), (std::vector<std::int32_t>{0, 0, 0, 0}));
  EXPECT_EQ(nothing.values.data()[0], 0);
  EXPECT_EQ(nothing.values.size(), 4);
  EXPECT_TRUE(near(share_weights(Array({2}, {5, 5}), {.clusters = 3}).values, Shape{3}, {5, 5, 5}));
}

TEST(Unit_17_8, AMeanOfManyKeepsItsDigits) {  // a sum of 400,000 numbers in a float has lost three of them
  Array weight = Array::full({400000}, Real(0.1));
  weight.mutable_data()[7] = 1;
  const Codebook book = share_weights(weight, {.clusters = 2});
  EXPECT_TRUE(near(book.values, Shape{2}, {0.1, 1}, {1e-6, 0}));
}

TEST(Unit_17_8, BackAgain) {
  const Array values({3}, {0.5, -2, 7});
  const Indices codes({2, 2}, {2, 0, 1, 2});
  EXPECT_TRUE(near(from_codebook(values, codes).value(), Shape{2, 2}, {7, 0.5, -2, 7}, exactly));
  EXPECT_THROWS_WITH(from_codebook(zeros({3, 1}), codes), ShapeError, "from_codebook", "(3, 1)");
  EXPECT_THROW(from_codebook(zeros({2}), codes), IndexError);
}

TEST(Unit_17_8, Errors) {
  const Array weight({2}, {1, 2});
  EXPECT_THROWS_WITH(share_weights(weight, {.clusters = 0}), ValueError, "share_weights", "clusters");
  EXPECT_THROWS_WITH(share_weights(weight, {.rounds = 0}), ValueError, "rounds");
  EXPECT_THROWS_WITH(share_weights(zeros({0})), ValueError, "share_weights");
  EXPECT_THROWS_WITH(share_weights(Array({2}, {1, static_cast<Real>(infinity)})), ValueError, "finite");
  EXPECT_THROWS_WITH(share_weights(Array({2}, {0, 1}), {.clusters = 1}), ValueError, "keep_zeros");
  EXPECT_NO_THROW(share_weights(weight, {.clusters = 2}));
}

}  // namespace
}  // namespace rushlight::test
