// Five primitives as loops: for the operands that they are made for and for all others, against loops over double.
#include <cmath>

#include "plain.hpp"

namespace rushlight::test {
namespace {

// f(a, b) number by number, where b is a number or a row of a.
template <class Function>
Doubles along_rows(const Array& a, const Array& b, Function f) {
  Doubles y;
  for (std::int64_t i = 0; i < a.size(); ++i) y.push_back(f(a.data()[i], b.data()[i % b.size()]));
  return y;
}

double sum_of_two(double x, double y) { return x + y; }
double larger(double x, double y) { return std::isnan(x) || std::isnan(y) ? x + y : std::max(x, y); }

// More than one piece of 32768 numbers, and a last one that is shorter.
const Shape several_pieces{70, 1000};

TEST(Unit_18_4, AddsARowToEveryRow) {
  for (const Shape& shape : {Shape{1, 1}, Shape{3, 5}, Shape{2, 3, 33}, Shape{1, 40000}, several_pieces}) {
    const Array a = randn(shape, 1), b = randn({shape[shape.rank() - 1]}, 2);
    const Array a_before = a.clone(), b_before = b.clone();
    EXPECT_TRUE(near(looped_add(a, b), shape, along_rows(a, b, sum_of_two))) << shape.str();
    EXPECT_TRUE(same_bits(a, a_before) && same_bits(b, b_before)) << "the operands stay as they are";
  }
}

TEST(Unit_18_4, AddsOtherOperandsAsModule01Does) {
  const Array column({2, 1}, {10, 20}), row({3}, {1, 2, 3}), matrix({2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_TRUE(near(looped_add(matrix, column), {2, 3}, Doubles{11, 12, 13, 24, 25, 26}));
  EXPECT_TRUE(near(looped_add(row, matrix), {2, 3}, Doubles{2, 4, 6, 5, 7, 9}));
  EXPECT_TRUE(near(looped_add(row, column), {2, 3}, Doubles{11, 12, 13, 21, 22, 23}));
  EXPECT_TRUE(near(looped_add(row, row), {3}, Doubles{2, 4, 6}));
  EXPECT_TRUE(near(looped_add(matrix, Array({1}, {1})), {2, 3}, Doubles{2, 3, 4, 5, 6, 7}));
  EXPECT_TRUE(near(looped_add(Array::scalar(1), Array::scalar(2)), {}, Doubles{3}));
  EXPECT_TRUE(near(looped_add(column, Array({1}, {1})), {2, 1}, Doubles{11, 21}));
  EXPECT_THROW(looped_add(matrix, Array({2}, {1, 2})), ShapeError);
}

TEST(Unit_18_4, TheLargerOfANumberAndEach) {
  for (const Shape& shape : {Shape{}, Shape{7}, Shape{3, 5}, several_pieces}) {
    const Array a = randn(shape, 3), bound = Array::scalar(Real(0.25));
    EXPECT_TRUE(near(looped_maximum(a, bound), shape, along_rows(a, bound, larger))) << shape.str();
  }
  const Array a({4}, {nan, inf, -inf, 2});
  EXPECT_TRUE(near(looped_maximum(a, Array::scalar(0)), {4}, Doubles{nan, inf, 0, 2}));
  EXPECT_TRUE(near(looped_maximum(a, Array::scalar(nan)), {4}, Doubles(4, nan)));
  EXPECT_TRUE(near(looped_maximum(Array({2}, {1, 5}), Array({2}, {3, 4})), {2}, Doubles{3, 5})) << "as module 01 does";
  EXPECT_TRUE(near(looped_maximum(Array::scalar(2), Array({2}, {1, 3})), {2}, Doubles{2, 3})) << "the number in front";
}

TEST(Unit_18_4, WhichEqualANumber) {
  const Array a({2, 3}, {0, 1, Real(-0.0), nan, inf, 1});
  const auto which = [&](const Array& b) {
    const Mask mask = looped_equal(a, b);
    EXPECT_EQ(mask.shape(), Shape({2, 3}));
    return std::vector<int>(mask.data().begin(), mask.data().end());
  };
  EXPECT_EQ(which(Array::scalar(0)), (std::vector<int>{1, 0, 1, 0, 0, 0})) << "-0 equals 0";
  EXPECT_EQ(which(Array::scalar(1)), (std::vector<int>{0, 1, 0, 0, 0, 1}));
  EXPECT_EQ(which(Array::scalar(nan)), std::vector<int>(6, 0));
  EXPECT_EQ(which(Array({3}, {0, 1, 1})), (std::vector<int>{1, 1, 0, 0, 0, 1})) << "as module 01 does";
  Array many = Array::full(several_pieces, 0);
  many.mutable_data()[69999] = 1;
  const Mask mask = looped_equal(many, Array::scalar(1));
  EXPECT_EQ(std::count(mask.data().begin(), mask.data().end(), 1), 1);
  EXPECT_EQ(mask.data()[69999], 1);
}

TEST(Unit_18_4, ANumberWhereTheMaskSaysSo) {
  const Mask mask({2, 2}, {1, 0, 0, 1});
  const Array b({2, 2}, {nan, 2, inf, 4});
  EXPECT_TRUE(near(looped_where(mask, Array::scalar(9), b), {2, 2}, Doubles{9, 2, inf, 9}))
      << "a NaN that is not chosen";
  EXPECT_TRUE(near(looped_where(mask, b, Array::scalar(9)), {2, 2}, Doubles{nan, 9, 9, 4})) << "as module 01 does";
  EXPECT_TRUE(near(looped_where(mask, Array::scalar(9), Array({2}, {1, 2})), {2, 2}, Doubles{9, 2, 1, 9}))
      << "b repeats";
  EXPECT_TRUE(near(looped_where(mask, Array::scalar(1), Array::scalar(2)), {2, 2}, Doubles{1, 2, 2, 1}));
  const Array many = randn(several_pieces, 4);
  const Mask some = looped_equal(looped_maximum(many, Array::scalar(0)), Array::scalar(0));
  const auto chosen = [](double x, double) { return x <= 0 ? 7 : x; };
  EXPECT_TRUE(near(looped_where(some, Array::scalar(7), many), several_pieces, along_rows(many, many, chosen)));
}

TEST(Unit_18_4, AddsRowsUp) {
  for (const Shape& shape : {Shape{1, 1}, Shape{3, 5}, Shape{65, 3}, Shape{130, 257}, Shape{2, 3, 300}}) {
    const Array x = randn(shape, 5);
    const std::int64_t width = shape[shape.rank() - 1];
    Doubles expected(static_cast<std::size_t>(width));
    for (std::int64_t i = 0; i < x.size(); ++i) expected[i % width] += x.data()[i];
    Axes all_but_the_last;
    for (int axis = 0; axis + 1 < shape.rank(); ++axis) all_but_the_last.push_back(axis);
    const Tolerance rounding{double_precision ? 1e-12 : 2e-6, double_precision ? 1e-13 : 2e-6};
    EXPECT_TRUE(near(looped_sum(x, all_but_the_last, false), {width}, expected, rounding)) << shape.str();
    Shape kept = shape;
    for (const int axis : all_but_the_last) kept[axis] = 1;
    EXPECT_TRUE(near(looped_sum(x, all_but_the_last, true), kept, expected, rounding)) << shape.str();
  }
}

TEST(Unit_18_4, ASumOfAMillionRowsKeepsItsDigits) {
  const Array y = looped_sum(Array::full({1000000, 2}, Real(0.1)), {0}, false);
  EXPECT_TRUE(near(y, {2}, Doubles{1e5, 1e5}, {1e-6, 0}));
}

TEST(Unit_18_4, SumsOverOtherAxesAsModule01Does) {
  const Array x({2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_TRUE(near(looped_sum(x, {1}, false), {2}, Doubles{6, 15}));
  EXPECT_TRUE(near(looped_sum(x, {}, false), {}, Doubles{21}));
  EXPECT_TRUE(near(looped_sum(x, {-2}, false), {3}, Doubles{5, 7, 9}));
  EXPECT_TRUE(near(looped_sum(Array({3}, {1, 2, 3}), {0}, false), {}, Doubles{6}));
  EXPECT_TRUE(near(looped_sum(reshape(x, {1, 2, 3}), {1, 0}, false), {3}, Doubles{5, 7, 9}));
  EXPECT_TRUE(near(looped_sum(reshape(x, {1, 2, 3}), {0, 2}, false), {2}, Doubles{6, 15}));
  EXPECT_THROW(looped_sum(x, {2}, false), IndexError);
}

TEST(Unit_18_4, LoopsOverNothing) {
  const Array none({0, 3}), thin({3, 0});
  EXPECT_EQ(looped_add(none, Array({3}, {1, 2, 3})).shape(), Shape({0, 3}));
  EXPECT_EQ(looped_add(thin, Array(Shape{0})).shape(), Shape({3, 0}));
  EXPECT_EQ(looped_maximum(none, Array::scalar(0)).shape(), Shape({0, 3}));
  EXPECT_EQ(looped_equal(none, Array::scalar(0)).shape(), Shape({0, 3}));
  EXPECT_EQ(looped_where(Mask({0, 3}), Array::scalar(0), none).shape(), Shape({0, 3}));
  EXPECT_TRUE(near(looped_sum(none, {0}, false), {3}, Doubles{0, 0, 0})) << "a sum over nothing is 0";
  EXPECT_EQ(looped_sum(thin, {0}, false).shape(), Shape({0}));
}

TEST(Unit_18_4, LoopsAreTheSameForAnyNumberOfThreads) {
  const Array x = randn({300, 1000}, 6), row = randn({1000}, 7), zero = Array::scalar(0);
  expect_same_bits_for_any_threads([&] {
    const Array y = looped_maximum(looped_add(x, row), zero);
    return Arrays{y, looped_where(looped_equal(y, zero), zero, x), looped_sum(x, {0}, false)};
  });
}

TEST(Unit_18_4, TheTableOfPrimitivesHasThemWhileTheyAreWanted) {
  const auto filled = [] {
    const Primitives& now = primitives_of(Device::cpu);
    return std::vector<bool>{now.add == looped_add, now.maximum == looped_maximum, now.equal == looped_equal,
                             now.where == looped_where, now.sum == looped_sum};
  };
  {
    const Accelerated one({"primitives"});
    EXPECT_EQ(filled(), std::vector<bool>(5, true));
    EXPECT_TRUE(near(add(Array({1, 2}, {1, 2}), Array({2}, {3, 4})), {1, 2}, Doubles{4, 6}));
    EXPECT_EQ(primitives_of(Device::cpu).sub, plain::sub) << "the others stay";
  }
  EXPECT_EQ(filled(), std::vector<bool>(5, false));
}

}  // namespace
}  // namespace rushlight::test
