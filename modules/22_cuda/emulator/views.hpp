// views.hpp: how kernels see memory. Each access goes through a Ref, so that one outside the array, one of freed memory and
// a race are found where they happen, and tests can count what a warp asks of the memory. Given.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <type_traits>

#include "22_cuda/emulator/cell.hpp"
#include "22_cuda/emulator/memory.hpp"

namespace rushlight {

// What `&x[i]` gives: where an atomic goes.
template <class T>
struct AtomicPlace {
  T* at;
  emulator::Access access;
};

// One element. Read it into a variable of its own type: `Real v = x[i];`, not `auto`.
template <class T>
class Ref {
  using Value = std::remove_const_t<T>;

 public:
  Ref(T* at, const emulator::Access& access) : at_(at), access_(access) {}
  Ref(const Ref&) = default;

  operator Value() const {
    emulator::touch(access_);
    return *at_;
  }
  Ref& operator=(Value value) {
    emulator::Access writing = access_;
    writing.writes = true;
    emulator::touch(writing);
    *at_ = value;
    return *this;
  }
  Ref& operator=(const Ref& other) { return *this = static_cast<Value>(other); }
  Ref& operator+=(Value value) { return *this = static_cast<Value>(*this) + value; }
  Ref& operator-=(Value value) { return *this = static_cast<Value>(*this) - value; }
  Ref& operator*=(Value value) { return *this = static_cast<Value>(*this) * value; }
  Ref& operator/=(Value value) { return *this = static_cast<Value>(*this) / value; }
  AtomicPlace<Value> operator&() const { return {at_, access_}; }

 private:
  T* at_;
  emulator::Access access_;
};

// `count` elements of device memory, row-major and without gaps. What a kernel takes instead of a pointer.
template <class T>
class Global {
 public:
  Global() = default;
  Global(T* pointer, std::int64_t count) : count_(count) {
    if (count == 0) return;
    allocation_ = emulator::find(pointer, static_cast<std::size_t>(count) * sizeof(T));
    const auto address = reinterpret_cast<std::uintptr_t>(pointer);
    bytes_ = emulator::storage(address);
    cells_ = sizeof(T) >= 4 ? emulator::cells(address) : nullptr;
    first_byte_ = emulator::offset(address);
  }
  template <class Other>
  requires(std::is_same_v<const Other, T>) Global(const Global<Other>& other)
      : bytes_(other.bytes_),
        cells_(other.cells_),
        first_byte_(other.first_byte_),
        count_(other.count_),
        allocation_(other.allocation_) {}

  std::int64_t size() const { return count_; }
  explicit operator bool() const { return allocation_ != nullptr; }  // something is there

  Ref<T> operator[](std::int64_t i) const {
    if (i < 0 || i >= count_) emulator::outside(emulator::Space::global, i, count_);
    if (!allocation_->live) emulator::freed(i);
    constexpr std::int64_t size = sizeof(T);
    return {
        reinterpret_cast<T*>(bytes_) + i,
        {cells_ ? cells_ + i * size / 4 : nullptr, emulator::Space::global, first_byte_ + i * size, i, false, false}};
  }

 private:
  template <class Other>
  friend class Global;
  char* bytes_ = nullptr;
  emulator::Cell* cells_ = nullptr;
  std::int64_t first_byte_ = 0;
  std::int64_t count_ = 0;
  const emulator::Allocation* allocation_ = nullptr;
};

// An array that the threads of a block share: __shared__ Shared<Real, 32, 33> tile;  tile(row, column), or line[i] when it
// has one axis. Every block finds NaN in it.
template <class T, int... sizes>
class Shared {
  static constexpr std::int64_t count = (std::int64_t{1} * ... * sizes);

 public:
  template <class... Index>
  Ref<T> operator()(Index... index) {
    static_assert(sizeof...(Index) == sizeof...(sizes), "one index for each axis");
    std::int64_t at = 0;
    ((at = next(at, static_cast<std::int64_t>(index), sizes)), ...);
    return element(at);
  }
  Ref<T> operator[](std::int64_t i) {
    static_assert(sizeof...(sizes) == 1, "more than one axis: write tile(row, column)");
    return element(next(0, i, count));
  }

 private:
  static std::int64_t next(std::int64_t at, std::int64_t i, std::int64_t size) {
    if (i < 0 || i >= size) emulator::outside(emulator::Space::shared, i, size);
    return at * size + i;
  }
  Ref<T> element(std::int64_t i) {
    if (block_ != emulator::current_block()) {
      block_ = emulator::current_block();
      std::memset(values_, 0xff, sizeof(values_));
      std::fill_n(cells_, count, emulator::Cell{});
    }
    return {values_ + i,
            {cells_ + i, emulator::Space::shared, i * static_cast<std::int64_t>(sizeof(T)), i, false, false}};
  }

  T values_[count];
  emulator::Cell cells_[count];
  std::uint32_t block_;
};

// The value from before.
template <class T>
T atomicAdd(AtomicPlace<T> place, std::type_identity_t<T> value) {
  place.access.writes = place.access.atomic = true;
  emulator::touch(place.access);
  const T before = *place.at;
  *place.at += value;
  return before;
}

}  // namespace rushlight
