// 15.3: which column is whose, and where it stands.
#include "helpers.hpp"

namespace rushlight::test {
namespace {

TEST(Unit_15_3, TheFutureIsHidden) {
  EXPECT_TRUE(same(visible_columns({2, 2}, {0, 5}, {}), {1, 1, 2, 5}, {1, 1, 1, 0, 0, 1, 1, 1, 1, 0}));
  EXPECT_TRUE(same(visible_columns({0, 1}, {0, 2}, {}), {1, 1, 1, 2}, {1, 0}));
}

TEST(Unit_15_3, PaddingIsHiddenInItsRow) {
  const KVCacheOptions options{.batch = 3, .padding = {0, 2, 4}};
  EXPECT_TRUE(same(visible_columns({2, 2}, {0, 4}, options), {3, 1, 2, 4},
                   {1, 1, 1, 0, 1, 1, 1, 1,     // all of them are tokens
                    0, 0, 1, 0, 0, 0, 1, 1,     // two are not
                    0, 0, 0, 0, 0, 0, 0, 0}));  // the text has not begun: nobody sees anything
}

TEST(Unit_15_3, AWindowHidesWhatIsOld) {
  EXPECT_TRUE(same(visible_columns({3, 2}, {0, 5}, {.window = 2}), {1, 1, 2, 5}, {0, 0, 1, 1, 0, 0, 0, 0, 1, 1}));
  EXPECT_TRUE(same(visible_columns({0, 2}, {0, 2}, {.window = 1}), {1, 1, 2, 2}, {1, 0, 0, 1}));
  const KVCacheOptions both{.batch = 1, .window = 3, .padding = {2}};
  EXPECT_TRUE(same(visible_columns({3, 2}, {0, 6}, both), {1, 1, 2, 6}, {0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 1, 0}));
}

TEST(Unit_15_3, KeysMayBeginLater) {  // what was evicted is not there
  EXPECT_TRUE(same(visible_columns({9, 1}, {8, 4}, {.window = 4}), {1, 1, 1, 4}, {1, 1, 0, 0}));
  const KVCacheOptions options{.batch = 2, .padding = {0, 9}};
  EXPECT_TRUE(same(visible_columns({9, 1}, {8, 4}, options), {2, 1, 1, 4}, {1, 1, 0, 0, 0, 1, 0, 0}));
}

TEST(Unit_15_3, PositionsCountFromTheFirstToken) {
  EXPECT_TRUE(same(positions_of({0, 3}, {}), {1, 3}, {0, 1, 2}));
  EXPECT_TRUE(same(positions_of({7, 2}, {}), {1, 2}, {7, 8}));
  const KVCacheOptions options{.batch = 3, .padding = {0, 2, 9}};
  EXPECT_TRUE(same(positions_of({1, 3}, options), {3, 3}, {1, 2, 3, 0, 0, 1, 0, 0, 0}));
}

TEST(Unit_15_3, WithoutPaddingOneRowDoesForAll) {
  const KVCacheOptions options{.batch = 3, .window = 2};
  EXPECT_TRUE(same(visible_columns({1, 2}, {0, 3}, options), {1, 1, 2, 3}, {1, 1, 0, 0, 1, 1}));
  EXPECT_TRUE(same(positions_of({4, 2}, options), {1, 2}, {4, 5}));
}

}  // namespace
}  // namespace rushlight::test
