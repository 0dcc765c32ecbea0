// memory.cpp: given. One range of addresses for the device, one for its bytes, one for what is remembered about them. The
// system gives pages only to what is touched.
#include "22_cuda/emulator/memory.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <vector>

#include "22_cuda/kernel_error.hpp"

namespace rushlight::emulator {
namespace {

// Of a very small GPU. Each byte takes eight of addresses (one here, one for its value, six of a Cell), and a task may
// have 4 GiB of them.
constexpr std::size_t capacity = std::size_t{1} << 27;
constexpr std::size_t alignment = 256;  // as cudaMalloc promises
constexpr std::size_t word = 4;         // bytes that share a Cell

char* reserve(std::size_t bytes, int protection) {
  void* begin = mmap(nullptr, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (begin == MAP_FAILED) throw std::bad_alloc();
  return static_cast<char*>(begin);
}

struct Arena {
  char* addresses = reserve(capacity, PROT_NONE);
  char* bytes = reserve(capacity, PROT_READ | PROT_WRITE);
  char* remembered = reserve(capacity / word * sizeof(Cell), PROT_READ | PROT_WRITE);
  std::size_t used = 0, limit = capacity;
  std::map<std::size_t, std::vector<std::uintptr_t>> free;            // by size, rounded up
  std::map<std::uintptr_t, std::shared_ptr<Allocation>> allocations;  // by address: the latest there
  std::vector<std::shared_ptr<Allocation>> past;                      // views of them may still be around
  std::int64_t count = 0;
  std::mutex mutex;
};

Arena& arena() {
  static Arena* mine = new Arena;  // outlives the statics that own arrays
  return *mine;
}

// At least one unused piece lies behind each allocation, so that neighbours never touch.
std::size_t rounded(std::size_t bytes) { return (bytes / alignment + 2) * alignment; }

std::uintptr_t place_for(Arena& a, std::size_t room) {
  std::vector<std::uintptr_t>& list = a.free[room];
  if (!list.empty()) {
    const std::uintptr_t begin = list.back();
    list.pop_back();
    return begin;
  }
  if (a.used + room > a.limit) return 0;
  a.used += room;
  return reinterpret_cast<std::uintptr_t>(a.addresses) + a.used - room;
}

}  // namespace

void* allocate(std::size_t bytes) {
  Arena& a = arena();
  const std::lock_guard lock(a.mutex);
  const std::uintptr_t begin = place_for(a, rounded(bytes));
  if (begin == 0) return nullptr;
  std::memset(storage(begin), 0xff, bytes);  // NaN, for float and double
  std::memset(static_cast<void*>(cells(begin)), 0, (bytes + word - 1) / word * sizeof(Cell));
  std::shared_ptr<Allocation>& entry = a.allocations[begin];
  if (entry) a.past.push_back(entry);
  entry = std::make_shared<Allocation>(Allocation{begin, bytes, true});
  ++a.count;
  return reinterpret_cast<void*>(begin);
}

bool release(void* pointer) {
  Arena& a = arena();
  const std::lock_guard lock(a.mutex);
  const auto found = a.allocations.find(reinterpret_cast<std::uintptr_t>(pointer));
  if (found == a.allocations.end() || !found->second->live) return false;
  Allocation& allocation = *found->second;
  allocation.live = false;
  --a.count;
  a.free[rounded(allocation.bytes)].push_back(allocation.begin);
  return true;
}

const Allocation* find(const void* pointer, std::size_t bytes) {
  Arena& a = arena();
  const std::lock_guard lock(a.mutex);
  if (!on_device(pointer)) {
    throw KernelError("a kernel was given a pointer of the host: copy its numbers to the device first.", {});
  }
  const auto address = reinterpret_cast<std::uintptr_t>(pointer);
  auto found = a.allocations.upper_bound(address);
  if (found == a.allocations.begin()) throw KernelError("a kernel was given an address that was never allocated.", {});
  const Allocation& allocation = *(--found)->second;
  if (!allocation.live) throw KernelError("a kernel was given memory that has been freed.", {});
  if (address + bytes > allocation.begin + allocation.bytes) {
    throw KernelError("a kernel was given {} bytes, but the allocation ends after {}.",
                      {bytes, allocation.begin + allocation.bytes - address});
  }
  return &allocation;
}

bool on_device(const void* pointer) {
  const auto begin = reinterpret_cast<std::uintptr_t>(arena().addresses);
  const auto address = reinterpret_cast<std::uintptr_t>(pointer);
  return address >= begin && address < begin + capacity;
}

std::int64_t offset(std::uintptr_t address) {
  return static_cast<std::int64_t>(address - reinterpret_cast<std::uintptr_t>(arena().addresses));
}

char* storage(std::uintptr_t address) { return arena().bytes + offset(address); }

Cell* cells(std::uintptr_t address) {
  return reinterpret_cast<Cell*>(arena().remembered) + offset(address) / static_cast<std::int64_t>(word);
}

std::int64_t live_allocations() { return arena().count; }

Room::Room(std::size_t bytes) : before_(arena().limit) {
  Arena& a = arena();
  a.limit = std::min(before_, a.used + bytes);
}

Room::~Room() { arena().limit = before_; }

}  // namespace rushlight::emulator
