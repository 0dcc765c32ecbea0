// launch.hpp: starting kernels. A kernel in the default stream runs at once. One in another stream runs when somebody waits
// for it (runtime.hpp), as late as the rules allow: whoever forgets to wait sees old numbers every time. Given.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "22_cuda/emulator/device.hpp"

namespace rushlight {

struct Stream;
using cudaStream_t = Stream*;

}  // namespace rushlight

#include "22_cuda/current_stream.hpp"

namespace rushlight {

struct Grid {
  dim3 blocks;
  dim3 threads;
  cudaStream_t stream = cuda::current_stream();
  int line = __builtin_LINE();
};

namespace emulator {

void enqueue(const Grid& grid, std::function<void()> thread);

// The order in which threads and blocks get their turn. On a GPU it is nobody's to choose; a kernel must not care.
enum class Order : std::uint8_t { forward, backward };
class InOrder {
 public:
  explicit InOrder(Order order);
  ~InOrder();
  InOrder(const InOrder&) = delete;
  InOrder& operator=(const InOrder&) = delete;

 private:
  Order before_;
};

// Counts, while it lives, what warps ask of the memory. The n-th access that each lane makes at one place of the code is
// one access of the warp. Device memory answers in sectors of 32 bytes: 32 neighbouring floats need 4, scattered ones 32.
// Shared memory has 32 banks of 4 bytes: an access takes as many turns as the busiest bank has different words to give.
class Count {
 public:
  Count();
  ~Count();
  Count(const Count&) = delete;
  Count& operator=(const Count&) = delete;

  std::int64_t launches = 0;      // kernels that ran
  std::int64_t from_host = 0;     // kernels and graphs that the host started; what a capture records is not started
  std::int64_t shared_reads = 0;  // of shared memory, by all lanes together
  int most_sectors() const;       // of all accesses to device memory, the worst
  int most_turns() const;         // of all accesses to shared memory, the worst: 1 is free of conflicts
  std::int64_t sectors() const;
  std::int64_t bytes_wanted() const;  // of device memory, by all lanes together: an access counts as a float, 4 bytes

  void note(bool shared, std::int64_t byte, std::uintptr_t site, std::uint32_t block, int thread);

 private:
  struct Key {
    std::uint32_t block;
    int warp;
    std::uintptr_t site;
    std::int64_t turn;
    auto operator<=>(const Key&) const = default;
  };
  std::map<Key, std::vector<std::int64_t>> global_, shared_;
  std::map<std::tuple<std::uint32_t, int, std::uintptr_t>, std::int64_t> turns_;
  std::int64_t wanted_ = 0;
  Count* before_;
};

}  // namespace emulator

// launch(kernel, {.blocks = {n}, .threads = {256}}, arguments...) is kernel<<<n, 256>>>(arguments...).
template <class... Parameters, class... Arguments>
void launch(void (*kernel)(Parameters...), const Grid& grid, Arguments&&... arguments) {
  std::tuple<std::decay_t<Parameters>...> values(std::forward<Arguments>(arguments)...);
  emulator::enqueue(grid, [kernel, values] { std::apply(kernel, values); });
}

}  // namespace rushlight
