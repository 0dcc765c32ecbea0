// device.hpp: where arrays live, and who computes there. Every primitive has one implementation per device, in a table.
// The CPU's is what you write in this module (plain.hpp); module 18 puts faster ones in their places, module 22 brings
// those of the GPU. Tables are filled by an explicit install, never by a static initialiser. Given.
#pragma once

#include <cstddef>

#include "01_tensor/plain.hpp"

namespace rushlight {

struct Primitives {
  Array (*full)(const Shape& shape, Real value);
  decltype(&plain::add) add, sub, mul, div, maximum, minimum;
  decltype(&plain::neg) neg, exp, log, sqrt, tanh, erf, abs;
  decltype(&plain::pow) pow;
  decltype(&plain::greater) greater, less, equal;
  decltype(&plain::where) where;
  decltype(&plain::sum) sum, mean, max;
  decltype(&plain::argmax) argmax;
  decltype(&plain::matmul) matmul;
  decltype(&plain::permute) permute;
  decltype(&plain::broadcast_to) broadcast_to;
  decltype(&plain::concat) concat;
  decltype(&plain::slice) slice;
  decltype(&plain::unslice) unslice;
  decltype(&plain::take) take;
  decltype(&plain::take_adjoint) take_adjoint;
  decltype(&plain::gather) gather;
  decltype(&plain::gather_adjoint) gather_adjoint;
};

// Memory on a device that is not the CPU, in bytes.
struct DeviceMemory {
  void* (*allocate)(std::size_t bytes);
  void (*free)(void* block, std::size_t bytes) noexcept;
  void (*copy_in)(void* to, const void* from_cpu, std::size_t bytes);
  void (*copy_out)(void* to_cpu, const void* from, std::size_t bytes);
  void (*copy_within)(void* to, const void* from, std::size_t bytes);
};

// What computes on `device` from now on. Throws DeviceError for a device that nobody has installed.
const Primitives& primitives_of(Device device);
const DeviceMemory& memory_of(Device device);
bool available(Device device);  // always true for the CPU

// Brings a device. Installing it again replaces it; arrays that live there must be gone by then.
void install_device(Device device, const DeviceMemory& memory, const Primitives& primitives);
void remove_device(Device device);  // not the CPU: DeviceError

// Other primitives for the CPU; plain_primitives() brings back those of this module.
void install_primitives(const Primitives& primitives);
const Primitives& plain_primitives();

// Copies bytes, from whichever device to whichever; one that is the CPU's on one side only counts as a transfer.
void copy_block(Device to_device, void* to, Device from_device, const void* from, std::size_t bytes);
std::uint64_t transfers();  // how many there were, in all threads: a training step should need very few

}  // namespace rushlight
