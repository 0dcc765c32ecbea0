// memory.hpp: device memory. Its addresses lie in a range that nobody can read: the numbers are elsewhere, and only
// Global (views.hpp) finds them. So the host cannot look at what a pointer of the device points to, here as on a GPU. Given.
#pragma once

#include <cstddef>
#include <cstdint>

#include "22_cuda/emulator/cell.hpp"

namespace rushlight::emulator {

struct Allocation {
  std::uintptr_t begin = 0;  // the device's address
  std::size_t bytes = 0;
  bool live = false;
};

// Fresh memory holds NaN. Null when there is no more.
void* allocate(std::size_t bytes);
bool release(void* pointer);  // false: not the beginning of a live allocation

// The live allocation that holds [pointer, pointer + bytes). Throws KernelError for a pointer of the host, a freed one,
// and one whose allocation ends too early.
const Allocation* find(const void* pointer, std::size_t bytes);
bool on_device(const void* pointer);  // an address of the range, live or not

char* storage(std::uintptr_t address);  // where the bytes really are
Cell* cells(std::uintptr_t address);    // what is remembered about them
std::int64_t offset(std::uintptr_t address);

std::int64_t live_allocations();

// While it lives, the device has room for so many bytes more and not for others, as if it were nearly full.
class Room {
 public:
  explicit Room(std::size_t bytes);
  ~Room();
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;

 private:
  std::size_t before_;
};

}  // namespace rushlight::emulator
