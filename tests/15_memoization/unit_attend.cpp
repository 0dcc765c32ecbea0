// 15.4: attention over blocks is attention over what they hold.
#include "12_attention/oracle.hpp"
#include "helpers.hpp"

namespace rushlight::test {
namespace {

struct Blocks {
  std::vector<KVBlock> blocks;
  Array k, v;  // end to end
};

Blocks some_blocks(std::int64_t count, const Shape& shape, std::uint64_t seed) {
  Blocks made;
  Arrays k, v;
  for (std::int64_t i = 0; i < count; ++i) {
    k.push_back(randn(shape, seed + 2 * static_cast<std::uint64_t>(i)));
    v.push_back(randn(shape, seed + 2 * static_cast<std::uint64_t>(i) + 1));
    made.blocks.push_back({k.back(), v.back()});
  }
  made.k = concat(k, 2);
  made.v = concat(v, 2);
  return made;
}

Mask random_mask(const Shape& shape, std::uint64_t seed) {
  Mask mask(shape);
  Generator generator(seed);
  for (std::uint8_t& each : mask.mutable_data()) each = generator.uniform() < 0.6;
  return mask;
}

// Softmax over everything that is seen, in plain loops over double.
Array plain_attention(const Array& q, const Array& k, const Array& v, const Mask& mask) {
  const std::int64_t batch = q.dim(0), heads = q.dim(1), queries = q.dim(2), width = q.dim(3);
  const std::int64_t groups = k.dim(1), keys = k.dim(2);
  Array out(q.shape());
  for (std::int64_t b = 0; b < batch; ++b) {
    for (std::int64_t h = 0; h < heads; ++h) {
      const std::int64_t shared = (b * groups + h / (heads / groups)) * keys;
      for (std::int64_t t = 0; t < queries; ++t) {
        const std::int64_t mine = ((b * heads + h) * queries + t) * width;
        std::vector<double> weights(static_cast<std::size_t>(keys), 0.0);
        double total = 0;
        for (std::int64_t s = 0; s < keys; ++s) {
          const std::int64_t mask_row = mask.shape()[0] == 1 ? 0 : b;
          if (!mask.data()[(mask_row * queries + t) * keys + s]) continue;
          double score = 0;
          for (std::int64_t i = 0; i < width; ++i) {
            score += static_cast<double>(q.data()[mine + i]) * k.data()[(shared + s) * width + i];
          }
          total += weights[s] = std::exp(score / std::sqrt(static_cast<double>(width)));
        }
        for (std::int64_t i = 0; i < width; ++i) {
          double sum = 0;
          for (std::int64_t s = 0; s < keys && total > 0; ++s) {
            sum += weights[s] / total * v.data()[(shared + s) * width + i];
          }
          out.mutable_data()[mine + i] = static_cast<Real>(sum);
        }
      }
    }
  }
  return out;
}

TEST(Unit_15_4, AsIfTheyLayEndToEnd) {
  for (const std::int64_t count : {1, 2, 5}) {
    for (const std::int64_t groups : {1, 2, 4}) {
      SCOPED_TRACE(fmt::format("{} blocks, {} groups", count, groups));
      const Blocks all = some_blocks(count, {2, groups, 3, 5}, 10);
      const Array q = randn({2, 4, 2, 5}, 1);
      const Mask mask = random_mask({2, 1, 2, 3 * count}, 2);
      EXPECT_TRUE(near(attend_blocks(q, all.blocks, mask).value(), plain_attention(q, all.k, all.v, mask),
                       double_precision ? Tolerance{1e-11, 1e-12} : Tolerance{2e-5, 2e-6}));
    }
  }
}

TEST(Unit_15_4, KeysAndValuesStayWhereTheyAre) {  // one query: its scores are few beside the keys
  const Blocks all = some_blocks(4, {1, 2, 8, 32}, 40);
  const Array q = randn({1, 2, 1, 32}, 1);
  const CountedConcats concats;
  attend_blocks(q, all.blocks, Mask(Shape{1, 1, 1, 32}, std::vector<std::uint8_t>(32, 1)));
  EXPECT_LT(CountedConcats::count, all.k.size() / 4) << "scores are 2·32 numbers, keys " << all.k.size();
}

TEST(Unit_15_4, OneMaskForEveryRow) {
  const Blocks all = some_blocks(2, {3, 2, 2, 4}, 20);
  const Array q = randn({3, 2, 1, 4}, 3);
  const Mask mask(Shape{1, 1, 1, 4}, {1, 1, 1, 0});
  EXPECT_TRUE(near(attend_blocks(q, all.blocks, mask).value(), plain_attention(q, all.k, all.v, mask),
                   double_precision ? Tolerance{1e-11, 1e-12} : Tolerance{2e-5, 2e-6}));
}

TEST(Unit_15_4, ABlockThatNobodySees) {
  const Blocks all = some_blocks(2, {1, 1, 2, 3}, 30);
  const Array q = randn({1, 1, 2, 3}, 4);
  const Array first = attend_blocks(q, {all.blocks[0]}, Mask(Shape{1, 1, 2, 2}, {1, 0, 1, 1})).value();
  EXPECT_TRUE(near(attend_blocks(q, all.blocks, Mask(Shape{1, 1, 2, 4}, {1, 0, 0, 0, 1, 1, 0, 0})).value(), first));
}

TEST(Unit_15_4, WhoSeesNothingGetsZeros) {
  const Blocks all = some_blocks(2, {1, 1, 2, 3}, 30);
  const Array out =
      attend_blocks(randn({1, 1, 2, 3}, 4), all.blocks, Mask(Shape{1, 1, 2, 4}, {0, 0, 0, 0, 1, 0, 0, 0})).value();
  EXPECT_TRUE(near(slice(out, 2, {0, 1}), zeros({1, 1, 1, 3}), exactly));
  EXPECT_TRUE(near(slice(out, 2, {1, 2}), slice(all.v, 2, {0, 1})));
}

TEST(Unit_15_4, WithoutABlock) {
  EXPECT_THROWS_WITH(attend_blocks(randn({1, 1, 1, 2}, 1), {}, Mask(Shape{1, 1, 1, 0})), ShapeError, "no block");
  const Blocks one = some_blocks(1, {1, 2, 2, 4}, 5);
  EXPECT_THROWS_WITH(attend_blocks(randn({1, 3, 1, 4}, 1), one.blocks, Mask(Shape{1, 1, 1, 2}, {1, 1})), ShapeError,
                     "(1, 3, 1, 4)");
}

}  // namespace
}  // namespace rushlight::test
