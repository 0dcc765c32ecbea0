// race.cpp: given. Two accesses of one place, one of them a write, need something between them that orders the two.
#include "22_cuda/emulator/block.hpp"
#include "22_cuda/emulator/turns.hpp"
#include "22_cuda/kernel_error.hpp"

namespace rushlight::emulator {
namespace {

thread_local std::uint32_t first_of_launch = 1;

bool ordered(const Stamp& then, const Stamp& is) {
  if (then.block < first_of_launch) return true;
  if (then.block != is.block) return false;
  if (then.thread == is.thread || then.epoch != is.epoch) return true;
  return then.thread / warpSize == is.thread / warpSize && then.warp_epoch != is.warp_epoch;
}

[[noreturn]] void race(const Access& access, const Stamp& then, const char* did) {
  const char* where = access.space == Space::shared ? "a shared array" : "device memory";
  const std::string other = then.block == block_number ? "thread " + shown(place(then.thread)) : "another block";
  throw KernelError("race: {} {} element {} of {}, which {} {}, with nothing between them that orders the two.",
                    {who(now->self), access.writes ? "writes" : "reads", access.index, where, other, did});
}

}  // namespace

void begin_launch(const Grid& grid) {
  first_of_launch = block_number + 1;
  blockDim = grid.threads;
  gridDim = grid.blocks;
}

void outside(Space space, std::int64_t index, std::int64_t count) {
  const char* where = space == Space::shared ? "an axis of a shared array" : "an array";
  throw KernelError("{} asks for element {} of {} of {}.",
                    {in_kernel() ? who(now->self) : "the host", index, where, count});
}

void freed(std::int64_t index) {
  throw KernelError("{} asks for element {} of memory that has been freed.",
                    {in_kernel() ? who(now->self) : "the host", index});
}

void check_race(const Access& access) {
  if (access.cell == nullptr) return;
  const auto self = static_cast<std::uint16_t>(now->self);
  const std::uint16_t warp_epoch = now->warp_epochs[static_cast<std::size_t>(now->self / warpSize)];
  const Stamp is{block_number, now->epoch, warp_epoch, self, static_cast<std::uint16_t>(access.atomic)};
  Cell& cell = *access.cell;
  const auto harmless = [&](const Stamp& then) { return (then.atomic && access.atomic) || ordered(then, is); };
  if (!harmless(cell.write)) race(access, cell.write, "wrote");
  if (access.writes && !harmless(cell.read)) race(access, cell.read, "read");
  (access.writes ? cell.write : cell.read) = is;
}

}  // namespace rushlight::emulator
