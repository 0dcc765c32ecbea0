// buffer_pool.cpp: given. Lists of free blocks, one list per size.
#include "01_tensor/buffer_pool.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <new>
#include <vector>

#include "01_tensor/guard.hpp"
#include "01_tensor/op_listener.hpp"

extern "C" void __asan_init() __attribute__((weak));  // there when any part of the program runs under AddressSanitizer

namespace rushlight::pool {
namespace {

// Sizes are rounded up to 4, 5, 6 or 7 times a power of two, so that at most a fifth of a block is wasted.
struct SizeClass {
  std::size_t index, bytes;
};

SizeClass class_of(std::size_t bytes) {
  const std::size_t blocks = bytes <= 4 * alignment ? 4 : (bytes + alignment - 1) / alignment;
  const std::size_t shift = static_cast<std::size_t>(std::bit_width(blocks)) - 3;
  const std::size_t quarters = (blocks + (std::size_t{1} << shift) - 1) >> shift;  // 4 to 8
  return {4 * shift + quarters - 4, (quarters << shift) * alignment};
}

void* allocate(std::size_t bytes) { return ::operator new (bytes, std::align_val_t{alignment}); }
void deallocate(void* block) noexcept { ::operator delete (block, std::align_val_t{alignment}); }

thread_local bool closed = false;  // outlives the pool: statics that own buffers are destroyed after it

class Pool {
 public:
  Pool() = default;
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool() {
    closed = true;
    for (const auto& list : free_) {
      for (void* block : list) deallocate(block);
    }
  }

  void* take(SizeClass size) {
    std::vector<void*>& list = free_[size.index];
    if (list.empty()) return allocate(size.bytes);
    void* block = list.back();
    list.pop_back();
    kept_ -= size.bytes;
    return block;
  }

  bool keep(void* block, SizeClass size) noexcept {
    if (kept_ + size.bytes > most_kept) return false;
    try {
      free_[size.index].push_back(block);
    } catch (const std::bad_alloc&) {
      return false;  // no memory to remember it: the caller frees it
    }
    kept_ += size.bytes;
    return true;
  }

 private:
  std::array<std::vector<void*>, 256> free_;
  std::size_t kept_ = 0;
};

thread_local Pool mine;

void report(std::int64_t bytes) noexcept {
  if (detail::op_listener != nullptr) detail::op_listener->memory(bytes);
}

// What std::allocate_shared asks for a Block and its reference counts (T): a piece that has room for the numbers, and
// for what guard.hpp puts behind them.
template <class T>
struct InFrontOfNumbers {
  using value_type = T;
  std::size_t bytes;  // header, numbers, and what lies behind them

  explicit InFrontOfNumbers(std::size_t all) : bytes(all) {}
  template <class Other>
  InFrontOfNumbers(const InFrontOfNumbers<Other>& other) : bytes(other.bytes) {}

  T* allocate(std::size_t) {
    static_assert(sizeof(T) <= alignment);
    return static_cast<T*>(take(bytes));
  }
  void deallocate(T* block, std::size_t) noexcept {
    const std::size_t behind = guard::bytes_behind();
    report(-static_cast<std::int64_t>(bytes - alignment - behind));
    if (behind > 0) guard::look_behind(reinterpret_cast<char*>(block) + alignment, bytes - alignment - behind);
    give_back(block, bytes);
  }
  bool operator==(const InFrontOfNumbers&) const = default;
};

bool bypassed() { return __asan_init != nullptr || closed; }

}  // namespace

void* take(std::size_t bytes) {
  if (bypassed()) return allocate(bytes);
  return mine.take(class_of(bytes));
}

void give_back(void* block, std::size_t bytes) noexcept {
  if (bypassed() || !mine.keep(block, class_of(bytes))) deallocate(block);
}

template <class T>
std::shared_ptr<Block<T>> make_block(std::int64_t count) {
  const std::size_t bytes = alignment + static_cast<std::size_t>(count) * sizeof(T) + guard::bytes_behind();
  auto block = std::allocate_shared<Block<T>>(InFrontOfNumbers<Block<T>>(bytes));
  // The Block lies in the first 64 bytes of a piece that begins at a multiple of 64; the numbers come next.
  const auto header = reinterpret_cast<std::uintptr_t>(block.get()) / alignment * alignment;
  block->data = reinterpret_cast<T*>(header + alignment);
  block->count = count;
  guard::arm(block->data, count);
  report(static_cast<std::int64_t>(static_cast<std::size_t>(count) * sizeof(T)));
  return block;
}

template std::shared_ptr<Block<Real>> make_block(std::int64_t);
template std::shared_ptr<Block<std::int32_t>> make_block(std::int64_t);
template std::shared_ptr<Block<std::uint8_t>> make_block(std::int64_t);

}  // namespace rushlight::pool
