// 15.1 and 15.2: columns into blocks, and out of them.
#include "helpers.hpp"

namespace rushlight::test {
namespace {

constexpr std::int64_t B = 2, G = 3, P = 4, K = 2;

// Column c of row r of either is a number of its own.
Array made(std::int64_t first, std::int64_t count, double offset) {
  Array x({B, G, count, K});
  Real* out = x.mutable_data().data();
  for (std::int64_t r = 0; r < B * G; ++r) {
    for (std::int64_t c = first; c < first + count; ++c) {
      for (std::int64_t i = 0; i < K; ++i) *out++ = static_cast<Real>(offset + 1000.0 * r + 10.0 * c + i);
    }
  }
  return x;
}

void add(LayerCache& layer, std::int64_t count) {
  const std::int64_t at = layer.length();
  layer.append(made(at, count, 1), made(at, count, 0.5));
}

// What the blocks hold, column by column, against what `made` gives; places behind the last column are not looked at.
void expect_columns(const LayerCache& layer) {
  std::int64_t column = layer.first();
  for (const KVBlock& block : layer.blocks()) {
    ASSERT_EQ(block.k.shape(), (Shape{B, G, P, K}));
    ASSERT_EQ(block.v.shape(), (Shape{B, G, P, K}));
    const std::int64_t filled = std::min(P, layer.length() - column);
    EXPECT_TRUE(near(slice(block.k, 2, {0, filled}), made(column, filled, 1), exactly)) << "k, from column " << column;
    EXPECT_TRUE(near(slice(block.v, 2, {0, filled}), made(column, filled, 0.5), exactly))
        << "v, from column " << column;
    column += P;
  }
  EXPECT_GE(column, layer.length());
}

TEST(Unit_15_1, ColumnsLieInBlocks) {
  for (const std::int64_t piece : {1, 2, 3, 4, 5, 11}) {
    SCOPED_TRACE(fmt::format("in pieces of {}", piece));
    LayerCache layer({B, G, P, K});
    EXPECT_EQ(layer.length(), 0);
    for (std::int64_t c = 0; c < 11; c += piece) add(layer, std::min<std::int64_t>(piece, 11 - c));
    EXPECT_EQ(layer.length(), 11);
    ASSERT_EQ(layer.blocks().size(), 3u);
    expect_columns(layer);
  }
}

TEST(Unit_15_1, NoBlockBeforeItIsNeeded) {
  LayerCache layer({B, G, P, K});
  add(layer, P);
  EXPECT_EQ(layer.blocks().size(), 1u);
  add(layer, 1);
  EXPECT_EQ(layer.blocks().size(), 2u);
  layer.append(Array({B, G, 0, K}), Array({B, G, 0, K}));
  EXPECT_EQ(layer.length(), P + 1);
}

TEST(Unit_15_1, WhatNobodyWroteIsZero) {
  LayerCache layer({B, G, P, K});
  add(layer, 1);
  EXPECT_TRUE(near(slice(layer.blocks()[0].v, 2, {1}), zeros({B, G, P - 1, K}), exactly))
      << "a masked column has the weight 0, and 0 times NaN is NaN";
  EXPECT_TRUE(near(slice(layer.blocks()[0].k, 2, {1}), zeros({B, G, P - 1, K}), exactly));
}

TEST(Unit_15_1, ThePastIsNeitherMovedNorWritten) {
  LayerCache layer({B, G, P, K});
  add(layer, P);
  const Real* const place = layer.blocks()[0].k.data().data();
  const std::uint64_t version = layer.blocks()[0].k.version();
  for (int i = 0; i < 20; ++i) add(layer, 3);
  EXPECT_EQ(layer.blocks()[0].k.data().data(), place) << "the first block has moved";
  EXPECT_EQ(layer.blocks()[0].k.version(), version) << "the first block was full, and was written again";
  const Real* const last = layer.blocks().back().v.data().data();
  ASSERT_EQ(layer.length() % P, 0);
  layer.append(made(64, 1, 1), made(64, 1, 0.5));
  const Real* const fresh = layer.blocks().back().v.data().data();
  EXPECT_NE(fresh, last);
  layer.append(made(65, 1, 1), made(65, 1, 0.5));
  EXPECT_EQ(layer.blocks().back().v.data().data(), fresh) << "a block with room left has moved";
  expect_columns(layer);
}

TEST(Unit_15_1, KAndVMayBeTheSameArray) {
  LayerCache layer({1, 1, 2, 1});
  const Array x({1, 1, 3, 1}, {1, 2, 3});
  layer.append(x, x);
  EXPECT_TRUE(near(layer.blocks()[1].k, {1, 1, 2, 1}, {3, 0}, exactly));
  layer.append(Array({1, 1, 1, 1}, {4}), Array({1, 1, 1, 1}, {5}));
  EXPECT_TRUE(near(layer.blocks()[1].k, {1, 1, 2, 1}, {3, 4}, exactly));
  EXPECT_TRUE(near(layer.blocks()[1].v, {1, 1, 2, 1}, {3, 5}, exactly));
}

TEST(Unit_15_1, WhatDoesNotFitChangesNothing) {
  LayerCache layer({B, G, P, K});
  add(layer, 2);
  EXPECT_THROWS_WITH(layer.append(Array({B, G + 1, 1, K}), Array({B, G + 1, 1, K})), ShapeError, "(2, 4, 1, 2)");
  EXPECT_THROWS_WITH(layer.append(Array({B, G, 1, K}), Array({B, G, 2, K})), ShapeError, "(2, 3, 2, 2)");
  EXPECT_EQ(layer.length(), 2);
  expect_columns(layer);
}

TEST(Unit_15_1, WhatDoesNotFitLeavesNoBlockBehind) {  // where the next column would need one
  for (const std::int64_t held : {std::int64_t{0}, P, 2 * P}) {
    LayerCache layer({B, G, P, K});
    if (held > 0) add(layer, held);
    EXPECT_THROW(layer.append(Array({B, G + 1, 1, K}), Array({B, G + 1, 1, K})), ShapeError);
    EXPECT_THROW(layer.append(Array({B, G, 1, K}), Array({B, G, 2, K})), ShapeError);
    layer.append(Array({B, G, 0, K}), Array({B, G, 0, K}));  // fits, and is nothing
    EXPECT_EQ(layer.length(), held);
    EXPECT_EQ(static_cast<std::int64_t>(layer.blocks().size()), held / P);
    expect_columns(layer);
  }
}

// --- copies share ------------------------------------------------------------------------------------------------

TEST(Unit_15_1, ACopySharesWhatIsFull) {
  LayerCache one({B, G, P, K});
  add(one, P + 2);
  LayerCache other = one;
  other.append(made(50, 3, 1), made(50, 3, 0.5));
  expect_columns(one);  // nothing of the other's
  EXPECT_TRUE(other.blocks()[0].k.shares_buffer_with(one.blocks()[0].k)) << "a full block was copied";
  EXPECT_FALSE(other.blocks()[1].k.shares_buffer_with(one.blocks()[1].k));
  EXPECT_TRUE(near(slice(other.blocks()[1].k, 2, {0, 2}), made(P, 2, 1), exactly));
  EXPECT_TRUE(near(slice(other.blocks()[1].k, 2, {2, 4}), made(50, 2, 1), exactly));
  EXPECT_TRUE(near(slice(other.blocks()[1].v, 2, {2, 4}), made(50, 2, 0.5), exactly));
  add(one, 4);
  expect_columns(one);
}

// --- 15.2 --------------------------------------------------------------------------------------------------------

TEST(Unit_15_2, TakingBackAndGoingOn) {
  for (const std::int64_t length : {11, 9, 8, 7, 4, 1, 0}) {
    SCOPED_TRACE(fmt::format("back to {}", length));
    LayerCache layer({B, G, P, K});
    add(layer, 11);
    layer.truncate(length);
    EXPECT_EQ(layer.length(), length);
    EXPECT_EQ(static_cast<std::int64_t>(layer.blocks().size()), (length + P - 1) / P);
    expect_columns(layer);
    add(layer, 6);
    EXPECT_EQ(layer.length(), length + 6);
    expect_columns(layer);
  }
}

TEST(Unit_15_2, TakenBackColumnsAreWrittenOver) {
  LayerCache layer({1, 1, 2, 1});
  layer.append(Array({1, 1, 3, 1}, {1, 2, 3}), Array({1, 1, 3, 1}, {4, 5, 6}));
  layer.truncate(1);
  layer.append(Array({1, 1, 1, 1}, {7}), Array({1, 1, 1, 1}, {8}));
  ASSERT_EQ(layer.blocks().size(), 1u);
  EXPECT_TRUE(near(layer.blocks()[0].k, {1, 1, 2, 1}, {1, 7}, exactly));
  EXPECT_TRUE(near(layer.blocks()[0].v, {1, 1, 2, 1}, {4, 8}, exactly));
}

TEST(Unit_15_2, TakingBackLeavesACopyAlone) {
  LayerCache one({B, G, P, K});
  add(one, P);
  LayerCache other = one;
  other.truncate(1);
  other.append(made(70, 2, 1), made(70, 2, 0.5));
  EXPECT_EQ(one.length(), P);
  expect_columns(one);
}

TEST(Unit_15_2, TheOldestBlocksGo) {
  for (std::int64_t before = 0; before <= 11; ++before) {
    SCOPED_TRACE(fmt::format("before column {}", before));
    LayerCache layer({B, G, P, K});
    add(layer, 11);
    layer.evict(before);
    EXPECT_EQ(layer.first(), before / P * P) << "a block goes once all of its columns are below";
    EXPECT_EQ(layer.length(), 11) << "columns keep their numbers";
    EXPECT_EQ(static_cast<std::int64_t>(layer.blocks().size()), 3 - before / P);
    expect_columns(layer);
    add(layer, 6);
    expect_columns(layer);
  }
}

TEST(Unit_15_2, EverythingMayGo) {
  LayerCache layer({B, G, P, K});
  add(layer, 2 * P);
  layer.evict(2 * P);
  EXPECT_EQ(layer.blocks().size(), 0u);
  EXPECT_EQ(layer.first(), 2 * P);
  add(layer, 1);
  expect_columns(layer);
  layer.truncate(2 * P);
  EXPECT_EQ(layer.blocks().size(), 0u);
  layer.truncate(0);
  EXPECT_EQ(layer.first(), 0) << "with nothing left, counting begins anew";
  add(layer, 3);
  expect_columns(layer);
}

TEST(Unit_15_2, WhatIsGoneAlreadyMayBeAskedForAgain) {
  LayerCache layer({B, G, P, K});
  add(layer, 11);
  layer.evict(9);
  layer.evict(2);
  EXPECT_EQ(layer.first(), 2 * P);
  expect_columns(layer);
}

TEST(Unit_15_2, OutOfRange) {
  LayerCache layer({B, G, P, K});
  add(layer, 11);
  layer.evict(5);
  EXPECT_THROWS_WITH(layer.truncate(12), ValueError, "12");
  EXPECT_THROWS_WITH(layer.truncate(3), ValueError, "3");
  EXPECT_THROWS_WITH(layer.evict(12), ValueError, "12");
  EXPECT_THROWS_WITH(layer.evict(-1), ValueError, "-1");
  EXPECT_EQ(layer.length(), 11);
  expect_columns(layer);
}

}  // namespace
}  // namespace rushlight::test
