// launch.cpp: given. A launch, now or later in its stream, and what is counted about memory.
#include "22_cuda/emulator/launch.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "22_cuda/emulator/block.hpp"
#include "22_cuda/emulator/streams.hpp"
#include "22_cuda/kernel_error.hpp"

namespace rushlight::emulator {
namespace {

thread_local Count* counting = nullptr;

constexpr unsigned most_threads = 1024;
constexpr unsigned most_blocks = 65535;  // along y and z; along x there may be 2^31 - 1

void check_grid(const Grid& grid) {
  const std::uint64_t threads = std::uint64_t{grid.threads.x} * grid.threads.y * grid.threads.z;
  const std::uint64_t blocks = std::uint64_t{grid.blocks.x} * grid.blocks.y * grid.blocks.z;
  if (threads == 0 || threads > most_threads) {
    throw KernelError("line {}: a launch with {} threads a block: 1 to {} are possible.",
                      {grid.line, threads, most_threads});
  }
  if (blocks == 0) throw KernelError("line {}: a launch of no blocks.", {grid.line});
  if (grid.blocks.y > most_blocks || grid.blocks.z > most_blocks) {
    throw KernelError("line {}: a launch of ({}, {}, {}) blocks: along y and z 1 to {} are possible.",
                      {grid.line, grid.blocks.x, grid.blocks.y, grid.blocks.z, most_blocks});
  }
}

}  // namespace

void run_now(const Grid& grid, const std::function<void()>& thread) {
  if (counting != nullptr) ++counting->launches;
  begin_launch(grid);
  const std::uint64_t count = std::uint64_t{grid.blocks.x} * grid.blocks.y * grid.blocks.z;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t b = backwards() ? count - 1 - i : i;
    const dim3 index{static_cast<unsigned>(b % grid.blocks.x), static_cast<unsigned>(b / grid.blocks.x % grid.blocks.y),
                     static_cast<unsigned>(b / grid.blocks.x / grid.blocks.y)};
    run_block(grid, index, thread);
  }
}

void enqueue(const Grid& grid, std::function<void()> thread) {
  if (in_kernel()) throw KernelError("line {}: a kernel cannot launch another here.", {grid.line});
  check_grid(grid);
  if (!recording(grid.stream)) note_started();
  const cudaError_t error = push(grid.stream, [grid, thread = std::move(thread)] { run_now(grid, thread); });
  if (error != cudaSuccess) throw KernelError("line {}: {}.", {grid.line, cudaGetErrorString(error)});
}

__attribute__((noinline)) void touch(const Access& access) {
  if (!in_kernel()) throw KernelError("the host asks for element {} of device memory: copy it first.", {access.index});
  check_race(access);
  if (counting == nullptr) return;
  if (access.space == Space::shared && !access.writes) ++counting->shared_reads;
  const auto site = reinterpret_cast<std::uintptr_t>(__builtin_return_address(0));
  const unsigned thread = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
  counting->note(access.space == Space::shared, access.byte, site, current_block(), static_cast<int>(thread));
}

void note_started() {
  if (counting != nullptr) ++counting->from_host;
}

Count::Count() : before_(counting) { counting = this; }
Count::~Count() { counting = before_; }

void Count::note(bool shared, std::int64_t byte, std::uintptr_t site, std::uint32_t block, int thread) {
  const std::int64_t turn = turns_[{block, thread, site}]++;
  (shared ? shared_ : global_)[{block, thread / warpSize, site, turn}].push_back(byte);
  if (!shared) wanted_ += 4;
}

namespace {

int sectors_of(const std::vector<std::int64_t>& bytes) {
  std::set<std::int64_t> sectors;
  for (const std::int64_t byte : bytes) sectors.insert(byte / 32);
  return static_cast<int>(sectors.size());
}

int turns_of(const std::vector<std::int64_t>& bytes) {
  std::array<std::set<std::int64_t>, 32> banks;
  for (const std::int64_t byte : bytes) banks[static_cast<std::size_t>(byte / 4 % 32)].insert(byte / 4);
  std::size_t most = 0;
  for (const auto& bank : banks) most = std::max(most, bank.size());
  return static_cast<int>(most);
}

}  // namespace

int Count::most_sectors() const {
  int most = 0;
  for (const auto& [key, bytes] : global_) most = std::max(most, sectors_of(bytes));
  return most;
}

int Count::most_turns() const {
  int most = 0;
  for (const auto& [key, bytes] : shared_) most = std::max(most, turns_of(bytes));
  return most;
}

std::int64_t Count::sectors() const {
  std::int64_t total = 0;
  for (const auto& [key, bytes] : global_) total += sectors_of(bytes);
  return total;
}

std::int64_t Count::bytes_wanted() const { return wanted_; }

}  // namespace rushlight::emulator
