// The pool under every Array: blocks come back, whole, aligned, and to whoever asks next.
#include "01_tensor/buffer_pool.hpp"

#include <cstdint>
#include <cstring>
#include <thread>
#include <vector>

#include "support/rush_test.hpp"

namespace rushlight {
namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr bool reuses = false;  // so that AddressSanitizer sees a use after the end of a buffer
#else
constexpr bool reuses = true;
#endif

TEST(Given_01, PoolGivesABlockOfThatSizeAgain) {
  for (const std::size_t bytes : {1, 64, 300, 4096, 5000, 1 << 20, (1 << 22) + 4}) {
    void* first = pool::take(bytes);
    pool::give_back(first, bytes);
    void* second = pool::take(bytes);
    EXPECT_EQ(first == second, reuses) << bytes << " bytes";
    pool::give_back(second, bytes);
  }
}

TEST(Given_01, PoolBlocksAreAlignedAndApart) {
  std::vector<std::pair<unsigned char*, std::size_t>> blocks;
  for (std::size_t bytes = 1; bytes < 3000; bytes += 37) {
    blocks.emplace_back(static_cast<unsigned char*>(pool::take(bytes)), bytes);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(blocks.back().first) % pool::alignment, 0U) << bytes << " bytes";
    std::memset(blocks.back().first, static_cast<int>(blocks.size()), bytes);
  }
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const auto [block, bytes] = blocks[i];
    const std::vector<unsigned char> expected(bytes, static_cast<unsigned char>(i + 1));
    EXPECT_EQ(std::memcmp(block, expected.data(), bytes), 0) << "another block wrote into the one of " << bytes;
    pool::give_back(block, bytes);
  }
}

TEST(Given_01, PoolServesASmallerBlockOnlyFromItsOwnClass) {
  void* small = pool::take(1000);
  pool::give_back(small, 1000);
  void* large = pool::take(100000);
  EXPECT_NE(small, large);
  std::memset(large, 1, 100000);
  pool::give_back(large, 100000);
}

TEST(Given_01, PoolTakesABlockFromAnotherThread) {
  void* block = pool::take(12345);
  std::thread other([&] {
    pool::give_back(block, 12345);
    void* again = pool::take(12345);
    EXPECT_EQ(again == block, reuses);
    pool::give_back(again, 12345);
  });
  other.join();  // its pool is freed with it
  void* mine = pool::take(12345);
  std::memset(mine, 0, 12345);
  pool::give_back(mine, 12345);
}

// An Array that a static owns is destroyed after this thread's pool.
TEST(Given_01, PoolOutlivedByAnArray) {
  static const Array kept({1000}, std::vector<Real>(1000, Real{3}));
  EXPECT_EQ(kept.data()[999], Real{3});
}

}  // namespace
}  // namespace rushlight
