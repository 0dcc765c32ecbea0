// block.hpp: making, checking and copying Blocks, for Array and Values (array.cpp, values.cpp). Given.
#pragma once

#include <algorithm>
#include <cstdint>

#include "01_tensor/buffer_pool.hpp"
#include "01_tensor/device.hpp"

namespace rushlight::detail {

template <class Container>
void check_count(const char* what, const Shape& shape, const Container& values) {
  if (static_cast<std::int64_t>(values.size()) != shape.numel()) {
    throw ShapeError("{}: shape {} holds {} elements, but {} values were given.",
                     {what, shape, shape.numel(), values.size()});
  }
}

// An element count that exists: no negative sizes, and a product that fits, also when it counts bytes (of the largest
// element, with room for what stands in front of them).
inline std::int64_t checked_numel(const char* what, const Shape& shape) {
  constexpr std::int64_t most = INT64_MAX / 16;
  if (std::any_of(shape.begin(), shape.end(), [](std::int64_t size) { return size < 0; })) {
    throw ShapeError("{}: shape {} has a negative size.", {what, shape});
  }
  const std::int64_t count = shape.numel();
  if (count > most) throw ShapeError("{}: shape {} takes more bytes than can be counted.", {what, shape});
  return count;
}

// What a moved-from or never assigned handle gets instead of a null pointer.
inline void check_defined(const char* what, bool defined) {
  if (!defined) {
    throw ValueError(
        "{}: this handle is empty; give it a value first. (In a rule: bw.out needs "
        "Save::output.)",
        {what});
  }
}

inline void check_same_count(const char* what, const Shape& from, const Shape& to) {
  if (from.numel() != to.numel()) {
    throw ShapeError("{}: shape {} has {} elements and {} has {}: a reshape keeps the number of elements.",
                     {what, from, from.numel(), to, to.numel()});
  }
}

inline void check_here(const char* what, Device wanted, Device actual) {
  if (wanted == actual) return;
  throw DeviceError("{}: its numbers are on the device {}, but they were asked for on {}. Move it with .to(…) first.",
                    {what, name_of(actual), name_of(wanted)});
}

template <class T>
std::shared_ptr<Block<T>> make_block(Device device, std::int64_t count) {
  if (device == Device::cpu) return pool::make_block<T>(count);
  const DeviceMemory& memory = memory_of(device);
  const std::size_t bytes = static_cast<std::size_t>(count) * sizeof(T);
  const auto free = [&memory, bytes](Block<T>* block) {
    if (block->data != nullptr) memory.free(block->data, bytes);
    delete block;
  };
  std::shared_ptr<Block<T>> block(new Block<T>{nullptr, count, device}, free);
  block->data = static_cast<T*>(memory.allocate(bytes));
  return block;
}

template <class T>
std::shared_ptr<Block<T>> copied_to(Device device, const Block<T>& from) {
  auto copy = make_block<T>(device, from.count);
  copy_block(device, copy->data, from.device, from.data, static_cast<std::size_t>(from.count) * sizeof(T));
  return copy;
}

}  // namespace rushlight::detail
