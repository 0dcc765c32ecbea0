// What module 15 gives: options of a cache, its room, and what a cache reaches.
#include "15_memoization/memoization.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

const GPTOptions learned{.vocabulary = 5, .context = 10, .width = 8, .layers = 3, .heads = 4, .groups = 2};

GPTOptions rotary_options() {
  GPTOptions options = learned;
  options.positions = Positions::rotary;
  return options;
}

TEST(Given_15, ACacheHasALayerForEveryLayer) {
  const KVCache cache(learned, {.batch = 3, .block = 16});
  EXPECT_EQ(cache.layers.size(), 3u);
  EXPECT_EQ(cache.length(), 0);
  EXPECT_EQ(cache.bytes(), 0);
  EXPECT_EQ(cache.layers[2].places(), 16);
  EXPECT_EQ(cache.layers[0].end(), 0);
}

TEST(Given_15, OptionsAreChecked) {
  EXPECT_THROWS_WITH(KVCache(learned, {.batch = 0}), ValueError, "batch is 0");
  EXPECT_THROWS_WITH(KVCache(learned, {.block = 0}), ValueError, "block is 0");
  EXPECT_THROWS_WITH(KVCache(learned, {.window = -1}), ValueError, "window is -1");
  EXPECT_THROWS_WITH(KVCache(learned, {.window = 11}), ValueError, "context is 10");
  EXPECT_THROWS_WITH(KVCache(learned, {.batch = 2, .padding = {1}}), ValueError, "batch of 2");
  EXPECT_THROWS_WITH(KVCache(learned, {.batch = 2, .padding = {1, -2}}), ValueError, "padding is -2");
  EXPECT_THROWS_WITH(LayerCache({1, 2, 0, 4}), ShapeError, "(1, 2, 0, 4)");
}

TEST(Given_15, RoomIsCountedInPositions) {
  KVCache(learned).check_room(10);
  EXPECT_THROWS_WITH(KVCache(learned).check_room(11), ValueError, "11 positions", "context has 10");
  KVCache(learned, {.batch = 2, .padding = {3, 1}}).check_room(11);
  EXPECT_THROWS_WITH(KVCache(learned, {.batch = 2, .padding = {3, 1}}).check_room(12), ValueError, "11 positions");
  EXPECT_THROWS_WITH(KVCache(learned, {.window = 4}).check_room(11), ValueError, "rotary");
  EXPECT_THROWS_WITH(KVCache(rotary_options()).check_room(11), ValueError, "context has 10");
  KVCache(rotary_options(), {.window = 4}).check_room(1000);
}

TEST(Given_15, AnEmptyCacheReachesItsBeginningOnly) {
  KVCache cache(learned, {.window = 4});
  EXPECT_TRUE(cache.reaches(0));
  EXPECT_FALSE(cache.reaches(1));
  EXPECT_FALSE(cache.reaches(-1));
  EXPECT_THROWS_WITH(cache.truncate(1), ValueError, "1 columns");
}

}  // namespace
}  // namespace rushlight::test
