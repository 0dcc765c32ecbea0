// guard.cpp: given. The traps of guard.hpp.
#include "01_tensor/guard.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

#include "01_tensor/error.hpp"

extern "C" void __asan_init() __attribute__((weak));  // there when any part of the program runs under AddressSanitizer

namespace rushlight::guard {
namespace {

constexpr std::size_t room = 64;  // bytes
// Of a larger Array, the rest stays as it is. Tests use smaller ones, and a sum of 32768 numbers would take half as long
// again.
constexpr std::int64_t most_filled = 4096;
constexpr unsigned char untouched = 0xA5;

constexpr std::array<unsigned char, room> whole = [] {
  std::array<unsigned char, room> bytes{};
  bytes.fill(untouched);
  return bytes;
}();

using Bits = std::conditional_t<sizeof(Real) == 8, std::uint64_t, std::uint32_t>;
constexpr Bits sign = Bits{1} << (8 * sizeof(Real) - 1);
constexpr Bits fresh = static_cast<Bits>(sizeof(Real) == 8 ? 0x7FF8'0000'F5E5'F5E5 : 0x7FC5'F5E5);

std::mutex damage_mutex;
std::string damage;

template <class T>
void arm_end(T* numbers, std::int64_t count) {
  std::memset(static_cast<void*>(numbers + count), untouched, bytes_behind());
}

// Which byte behind the end was written to, the first of them. Mends them all.
std::optional<std::size_t> first_touched(unsigned char* behind) {
  if (bytes_behind() == 0 || std::memcmp(behind, whole.data(), room) == 0) return {};
  const unsigned char* const first = std::mismatch(whole.begin(), whole.end(), behind).second;
  const std::size_t place = static_cast<std::size_t>(first - behind);
  std::copy(whole.begin(), whole.end(), behind);
  return place;
}

template <class Made>
void check(const char* op, const char* part, const Made& made) {
  if (!made.defined() || made.device() != Device::cpu) return;
  const auto numbers = made.data();
  // These bytes belong to the block and to no Array: that the numbers are const says nothing about them.
  const auto behind = reinterpret_cast<std::uintptr_t>(numbers.data() + numbers.size());
  const std::optional<std::size_t> touched = first_touched(reinterpret_cast<unsigned char*>(behind));
  if (!touched) return;
  const auto place = made.size() + static_cast<std::int64_t>(*touched / sizeof numbers[0]);
  throw IndexError("{} wrote past the end of {}: element {}, counted from 0, but shape {} has {}.{}",
                   {op, part, place, made.shape(), made.size(),
                    place == made.size() ? " One too far: does a loop run to i <= size?" : ""});
}

}  // namespace

std::size_t bytes_behind() { return on && __asan_init == nullptr ? room : 0; }

void arm(Real* numbers, std::int64_t count) {
  if constexpr (on) std::fill_n(numbers, std::min(count, most_filled), std::bit_cast<Real>(fresh));
  arm_end(numbers, count);
}

void arm(std::int32_t* numbers, std::int64_t count) { arm_end(numbers, count); }

void arm(std::uint8_t* numbers, std::int64_t count) { arm_end(numbers, count); }

// A minus in front of it changes the sign and nothing else.
bool never_written(Real value) { return on && (std::bit_cast<Bits>(value) & ~sign) == fresh; }

void check_end(const char* op, const char* part, const Array& made) { check(op, part, made); }
void check_end(const char* op, const char* part, const Indices& made) { check(op, part, made); }
void check_end(const char* op, const char* part, const Mask& made) { check(op, part, made); }

void look_behind(void* numbers, std::size_t bytes) {
  if (!first_touched(static_cast<unsigned char*>(numbers) + bytes)) return;
  const std::lock_guard lock(damage_mutex);
  damage = formatted("something was written past the end of an Array that took up {} bytes ({} numbers).",
                     {std::uint64_t{bytes}, std::uint64_t{bytes / sizeof(Real)}});
}

std::string take_damage() {
  const std::lock_guard lock(damage_mutex);
  return std::exchange(damage, {});
}

}  // namespace rushlight::guard
