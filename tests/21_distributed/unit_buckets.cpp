// Which gradients travel together, and how they lie in a bucket.
#include <algorithm>

#include "ranks.hpp"

namespace rushlight::test {
namespace {

using Sizes = std::vector<std::int64_t>;
constexpr std::int64_t width = sizeof(Real);

TEST(Unit_21_5, FromTheLastParameterToTheFirst) {
  const std::vector<Bucket> buckets = make_buckets({3, 5, 2, 4}, 7 * width);
  ASSERT_EQ(buckets.size(), 3u);
  EXPECT_EQ(buckets[0].parameters, (std::vector<std::size_t>{3, 2}));
  EXPECT_EQ(buckets[0].offsets, (Sizes{0, 4}));
  EXPECT_EQ(buckets[0].numbers, 6);
  EXPECT_EQ(buckets[1].parameters, (std::vector<std::size_t>{1}));
  EXPECT_EQ(buckets[2].parameters, (std::vector<std::size_t>{0}));
  EXPECT_EQ(make_buckets({3, 5, 2, 4}, 14 * width).size(), 1u) << "exactly full is not too much";
}

TEST(Unit_21_5, ALargeOneTravelsAlone) {
  const std::vector<Bucket> buckets = make_buckets({2, 100, 2}, 4 * width);
  ASSERT_EQ(buckets.size(), 3u);
  for (std::size_t b = 0; b < 3; ++b) EXPECT_EQ(buckets[b].parameters, (std::vector<std::size_t>{2 - b}));
  EXPECT_TRUE(make_buckets({}, 8).empty());
  EXPECT_EQ(make_buckets({1, 1}, 1).size(), 2u) << "less than one number fits: each alone";
  EXPECT_THROWS_WITH(make_buckets({1}, 0), ValueError, "0");
}

TEST(Unit_21_5, EveryParameterOnceWithinTheLimit) {
  Generator random(3);
  for (int round = 0; round < 30; ++round) {
    Sizes sizes(static_cast<std::size_t>(random.below(12)));
    for (std::int64_t& size : sizes) size = random.below(9);
    const std::int64_t limit = 1 + random.below(16);
    std::vector<std::size_t> order;
    for (const Bucket& bucket : make_buckets(sizes, limit * width)) {
      ASSERT_FALSE(bucket.parameters.empty());
      EXPECT_TRUE(bucket.numbers <= limit || bucket.parameters.size() == 1 ||
                  std::count_if(bucket.parameters.begin(), bucket.parameters.end(),
                                [&](std::size_t p) { return sizes[p] > 0; }) == 1);
      std::int64_t at = 0;
      for (std::size_t i = 0; i < bucket.parameters.size(); ++i) {
        EXPECT_EQ(bucket.offsets[i], at);
        at += sizes[bucket.parameters[i]];
        order.push_back(bucket.parameters[i]);
      }
      EXPECT_EQ(bucket.numbers, at);
    }
    std::vector<std::size_t> wanted(sizes.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) wanted[i] = wanted.size() - 1 - i;
    EXPECT_EQ(order, wanted);
  }
}

TEST(Unit_21_5, ABucketHoldsGradientsAndWhoHadThem) {
  const Bucket bucket = make_buckets({3, 2}, 1000)[0];
  BucketBuffer buffer(bucket);
  buffer.clear();
  EXPECT_FALSE(buffer.full());
  buffer.put(1, Array({3}, {1, 2, 3}));
  EXPECT_FALSE(buffer.full());
  const auto lies = [&] { return std::vector<Real>(buffer.numbers().begin(), buffer.numbers().end()); };
  EXPECT_EQ(lies(), (std::vector<Real>{0, 0, 1, 2, 3, 0, 1}));
  EXPECT_FALSE(buffer.anybody(0));
  EXPECT_TRUE(buffer.anybody(1));
  buffer.put(0, Array({2, 1}, {7, 8}));
  EXPECT_TRUE(buffer.full());
  EXPECT_EQ(lies(), (std::vector<Real>{7, 8, 1, 2, 3, 1, 1}));
  const Array taken = buffer.gradient(1, {3, 1});
  EXPECT_THROWS_WITH(buffer.put(1, Array({3}, {9, 9, 9})), ValueError, "place 1");
  EXPECT_EQ(lies(), (std::vector<Real>{7, 8, 1, 2, 3, 1, 1})) << "a second gradient changes nothing";
  buffer.clear();
  EXPECT_FALSE(buffer.full());
  EXPECT_EQ(lies(), std::vector<Real>(7, 0));
  EXPECT_TRUE(near(taken, Shape{3, 1}, {1, 2, 3}, exactly)) << "an array of its own";
}

TEST(Unit_21_5, WhateverItsNumbersAreAGradientIsOne) {
  for (const Real number : {Real(0), Real(-0.0), Real(-1), static_cast<Real>(not_a_number)}) {
    BucketBuffer buffer(make_buckets({2, 1}, 1000)[0]);
    buffer.clear();
    buffer.put(1, Array({2}, {number, number}));
    EXPECT_TRUE(buffer.anybody(1)) << number;
    EXPECT_FALSE(buffer.anybody(0)) << number;
    EXPECT_FALSE(buffer.full()) << number;
    buffer.put(0, Array({1}, {number}));
    EXPECT_TRUE(buffer.anybody(0) && buffer.full()) << number;
    EXPECT_THROWS_WITH(buffer.put(0, Array({1}, {1})), ValueError, "place 0");
  }
}

}  // namespace
}  // namespace rushlight::test
