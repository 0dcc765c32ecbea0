// cell.hpp: what the emulator remembers about four bytes of memory: who wrote and who read there last. Two threads that
// touch a place without a barrier between them, one of them writing, are a race, and it is found whatever the numbers
// were. Given.
#pragma once

#include <cstdint>

namespace rushlight::emulator {

// When and by whom. Blocks are numbered through all launches, from 1.
struct Stamp {
  std::uint32_t block = 0;
  std::uint32_t epoch = 0;       // how many barriers the block had passed
  std::uint16_t warp_epoch = 0;  // how often its warp had met
  std::uint16_t thread : 15 = 0;
  std::uint16_t atomic : 1 = 0;
};

struct Cell {
  Stamp write;
  Stamp read;
};

enum class Space : std::uint8_t { global, shared };

struct Access {
  Cell* cell;  // null: elements smaller than four bytes are not watched for races
  Space space;
  std::int64_t byte;  // where it lies: in device memory, or in its shared array
  std::int64_t index;
  bool writes;
  bool atomic;
};

// Every access of a kernel, before it happens. Throws KernelError for a race.
void touch(const Access& access);

// Throws KernelError.
[[noreturn]] void outside(Space space, std::int64_t index, std::int64_t count);
[[noreturn]] void freed(std::int64_t index);

bool in_kernel();
std::uint32_t current_block();  // its number

}  // namespace rushlight::emulator
