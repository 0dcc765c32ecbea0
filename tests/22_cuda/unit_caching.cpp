// Blocks of the cache: who gets which, and when. Streams run as late as they may, so that a block which is handed out too
// early holds other numbers every time.
#include <set>

#include "22_cuda/caching.hpp"
#include "22_cuda/emulator/memory.hpp"
#include "device_checks.hpp"

namespace rushlight::test {
namespace {

using namespace cuda;

constexpr std::size_t some_bytes = 4000;  // as good as 4096, and not as good as 4608

struct Stream {
  Stream() { cudaStreamCreate(&it); }
  ~Stream() { cudaStreamDestroy(it); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  void wait() const { cudaStreamSynchronize(it); }

  cudaStream_t it = nullptr;
};

__global__ void put_number(Global<Real> x, Real value) { x[threadIdx.x] = value; }

void write_in(void* block, Real value, const Stream& stream) {
  launch(put_number, {.blocks = {1}, .threads = {1}, .stream = stream.it}, Global<Real>(static_cast<Real*>(block), 1),
         value);
}

void read_in(Real& to, const void* block, const Stream& stream) {
  cudaMemcpyAsync(&to, block, sizeof(Real), cudaMemcpyDeviceToHost, stream.it);
}

TEST(Unit_22_9, ABlockOfTheSameRoundedSizeComesBack) {
  const Stream stream;
  CachingAllocator cache;
  void* const first = cache.allocate(some_bytes, stream.it);
  cache.free(first);
  EXPECT_EQ(cache.allocate(4096, stream.it), first);
  cache.free(first);
  EXPECT_NE(cache.allocate(4097, stream.it), first) << "too small";
  EXPECT_NE(cache.allocate(3584, stream.it), first) << "not the same size";
  EXPECT_EQ(cache.allocate(3585, stream.it), first);
}

TEST(Unit_22_9, ABlockHoldsWhatWasAskedFor) {
  const Stream stream;
  CachingAllocator cache;
  for (const std::size_t size : {0, 1, 511, 512, 513, 4097}) {
    void* const block = cache.allocate(size, stream.it);
    ASSERT_NE(block, nullptr);
    EXPECT_NO_THROW(emulator::find(block, size)) << size;
  }
}

TEST(Unit_22_9, NobodyElseHasABlockThatIsInUse) {
  const Stream stream;
  CachingAllocator cache;
  void* const first = cache.allocate(some_bytes, stream.it);
  EXPECT_NE(cache.allocate(some_bytes, stream.it), first);
  cache.free(first);
  EXPECT_EQ(cache.allocate(some_bytes, stream.it), first);
  EXPECT_NE(cache.allocate(some_bytes, stream.it), first) << "it was free once, and is not any more";
  EXPECT_EQ(cache.in_use(), 3U);
  EXPECT_EQ(cache.cached(), 0U);
}

TEST(Unit_22_9, StreamsDoNotShareBlocks) {
  const Stream one, other;
  CachingAllocator cache;
  void* const block = cache.allocate(some_bytes, one.it);
  write_in(block, 1, one);
  one.wait();
  Real seen = 0;
  read_in(seen, block, one);  // still to come when the host frees the block
  cache.free(block);
  write_in(cache.allocate(some_bytes, other.it), 2, other);
  other.wait();
  one.wait();
  EXPECT_EQ(seen, 1) << "the other stream has written into a block that the first one was about to read";
}

TEST(Unit_22_9, ABlockThatAnotherStreamReadsWaitsForIt) {
  const Stream own, other;
  CachingAllocator cache;
  void* const block = cache.allocate(some_bytes, own.it);
  write_in(block, 1, own);
  own.wait();
  Real seen = 0;
  read_in(seen, block, other);
  cache.used_in(block, other.it);
  cache.free(block);
  void* const next = cache.allocate(some_bytes, own.it);
  write_in(next, 2, own);
  own.wait();
  other.wait();
  EXPECT_EQ(seen, 1) << "the block was handed out while the other stream still had to read it";
  EXPECT_NE(next, block);
  EXPECT_EQ(cache.allocate(some_bytes, own.it), block) << "by now the other stream is done with it";
}

TEST(Unit_22_9, AnEventThatHasHappenedIsDestroyed) {
  const std::int64_t before = emulator::live_events();
  const Stream own, other;
  CachingAllocator cache;
  for (int use = 0; use < 3; ++use) {
    void* const block = cache.allocate(some_bytes, own.it);
    cache.used_in(block, other.it);
    cache.free(block);
    EXPECT_LE(emulator::live_events(), before + 1) << "after " << use + 1 << " uses";
    other.wait();
  }
  cache.allocate(some_bytes, own.it);
  EXPECT_EQ(emulator::live_events(), before);
}

TEST(Unit_22_9, WhatIsEnqueuedUntilItIsFreedIsWaitedFor) {
  const Stream own, other;
  CachingAllocator cache;
  void* const block = cache.allocate(some_bytes, own.it);
  write_in(block, 1, own);
  own.wait();
  cache.used_in(block, other.it);
  Real seen = 0;
  read_in(seen, block, other);  // after used_in(), before free()
  cache.free(block);
  EXPECT_NE(cache.allocate(some_bytes, own.it), block);
  other.wait();
  EXPECT_EQ(seen, 1);
  EXPECT_EQ(cache.allocate(some_bytes, own.it), block);
}

TEST(Unit_22_9, EveryOtherStreamIsWaitedFor) {
  for (const bool in_order : {true, false}) {
    const Stream own, one, two;
    CachingAllocator cache;
    void* const block = cache.allocate(some_bytes, own.it);
    write_in(block, 1, own);
    own.wait();
    Real seen[2] = {};
    read_in(seen[0], block, one);
    read_in(seen[1], block, two);
    cache.used_in(block, one.it);
    cache.used_in(block, two.it);
    cache.free(block);
    (in_order ? one : two).wait();
    EXPECT_NE(cache.allocate(some_bytes, own.it), block) << "one of the two still has to read it";
    (in_order ? two : one).wait();
    EXPECT_EQ(cache.allocate(some_bytes, own.it), block);
  }
}

TEST(Unit_22_9, ABlockThatIsNotFinishedHidesNoOther) {
  for (const int busy : {0, 1, 2}) {  // whichever of the three the cache looks at first
    const Stream own, other;
    CachingAllocator cache;
    void* blocks[3] = {};
    for (void*& block : blocks) block = cache.allocate(some_bytes, own.it);
    void* const larger = cache.allocate(2 * some_bytes, own.it);
    void* const elsewhere = cache.allocate(some_bytes, other.it);
    write_in(blocks[busy], 1, other);
    cache.used_in(blocks[busy], other.it);
    for (void* const block : {blocks[0], larger, blocks[1], elsewhere, blocks[2]}) cache.free(block);
    std::set<void*> found{cache.allocate(some_bytes, own.it), cache.allocate(some_bytes, own.it)};
    std::set<void*> wanted(blocks, blocks + 3);
    wanted.erase(blocks[busy]);
    EXPECT_EQ(found, wanted);
    other.wait();
    EXPECT_EQ(cache.allocate(some_bytes, own.it), blocks[busy]);
  }
}

TEST(Unit_22_9, TheOwnStreamIsNotWaitedFor) {
  const Stream own;
  CachingAllocator cache;
  void* const block = cache.allocate(some_bytes, own.it);
  write_in(block, 1, own);
  cache.used_in(block, own.it);
  cache.free(block);
  EXPECT_EQ(cache.allocate(some_bytes, own.it), block) << "what comes next in its own stream comes after";
}

TEST(Unit_22_9, OnlyTheUsesOfThisTimeCount) {
  const Stream own, other;
  CachingAllocator cache;
  void* const block = cache.allocate(some_bytes, own.it);
  cache.used_in(block, other.it);
  cache.free(block);
  ASSERT_EQ(cache.allocate(some_bytes, own.it), block) << "nothing was enqueued in the other stream";
  void* const elsewhere = cache.allocate(some_bytes, other.it);
  write_in(elsewhere, 1, other);
  cache.free(block);
  EXPECT_EQ(cache.allocate(some_bytes, own.it), block) << "the other stream used it before, and not this time";
}

TEST(Unit_22_9, WhenMemoryIsShortTheCacheGivesBack) {
  constexpr std::size_t large = 1'280'000;  // of no other test: the emulator hands out places of freed blocks, too
  const Stream one, other;
  CachingAllocator cache;
  const emulator::Room room(large + large / 2);
  void* const block = cache.allocate(large, one.it);
  cache.free(block);
  EXPECT_NO_THROW(cache.allocate(large, other.it)) << "the free block of the first stream was what was missing";
  EXPECT_EQ(cache.cached(), 0U);
  EXPECT_THROWS_WITH(cache.allocate(2 * large, one.it), KernelError, "out of memory", "2560000");
}

TEST(Unit_22_9, FreeingTwiceIsRefused) {
  const Stream stream;
  CachingAllocator cache;
  void* const block = cache.allocate(some_bytes, stream.it);
  cache.free(block);
  EXPECT_THROWS_WITH(cache.free(block), KernelError, "not in use");
  int elsewhere = 0;
  EXPECT_THROWS_WITH(cache.free(&elsewhere), KernelError, "not in use");
  EXPECT_THROWS_WITH(cache.used_in(block, nullptr), KernelError, "not in use");
}

TEST(Unit_22_9, ATrainingLoopAllocatesOnce) {
  const std::int64_t before = emulator::live_allocations();
  const Stream stream;
  {
    CachingAllocator cache;
    for (int step = 0; step < 5; ++step) {
      std::vector<void*> blocks;
      for (const std::size_t size : {100, 5000, 100, 70000}) blocks.push_back(cache.allocate(size, stream.it));
      for (void* const block : blocks) cache.free(block);
    }
    EXPECT_EQ(emulator::live_allocations(), before + 4);
  }
  EXPECT_EQ(emulator::live_allocations(), before) << "the cache has given everything back";
}

}  // namespace
}  // namespace rushlight::test
