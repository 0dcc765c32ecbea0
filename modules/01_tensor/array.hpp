// array.hpp: an Array is a shape and a shared, contiguous, row-major buffer on a device. Copies share the buffer;
// clone() does not. Everything that computes is a function of Arrays, below and in the other headers of module 01:
// this small set of primitives is the only thing the rest of the framework knows about memory.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "01_tensor/error.hpp"
#include "01_tensor/shape.hpp"

namespace rushlight {

#ifdef RUSHLIGHT_DOUBLE
using Real = double;  // the strict build: finite differences reach 1e-7
#else
using Real = float;
#endif

enum class Device : std::uint8_t { cpu, cuda };

// A block of Reals, and how often it has been opened for writing.
struct Buffer {
  Real* data = nullptr;  // uninitialised, aligned to 64 bytes
  std::int64_t count = 0;
  std::uint64_t version = 0;
};

class Array {
 public:
  Array() noexcept;                                               // no array at all: defined() is false
  explicit Array(const Shape& shape);                             // uninitialised elements
  Array(const Shape& shape, std::initializer_list<Real> values);  // throws ShapeError if the count is wrong
  Array(const Shape& shape, const std::vector<Real>& values);
  // As the compiler would write them, but in array.cpp: expanded at every use, they cost each file a third of its
  // compile time.
  Array(const Array&) noexcept;
  Array(Array&&) noexcept;
  Array& operator=(const Array&) noexcept;
  Array& operator=(Array&&) noexcept;
  ~Array();

  static Array full(const Shape& shape, Real value);
  static Array scalar(Real value) { return full({}, value); }

  bool defined() const { return buffer_ != nullptr; }
  const Shape& shape() const { return shape_; }
  int rank() const { return shape_.rank(); }
  std::int64_t size() const { return shape_.numel(); }
  std::int64_t dim(int axis) const;  // negative counts from the end; throws IndexError
  Device device() const { return Device::cpu; }

  std::span<const Real> data() const;  // throws ValueError when there is no array
  std::span<Real> mutable_data();      // the same; counts as a write: raises version()
  Real item() const;                   // the only element; throws ShapeError if there is not exactly one
  std::uint64_t version() const;       // how often the buffer was opened for writing

  Array clone() const;                          // same values, own buffer
  Array with_shape(const Shape& shape) const&;  // same buffer, other shape of equal size: costs nothing
  Array with_shape(const Shape& shape) &&;      // the same for a temporary: its buffer is handed on, not shared
  bool shares_buffer_with(const Array& other) const { return buffer_ == other.buffer_; }
  bool is_shared() const { return buffer_.use_count() > 1; }  // some other Array holds this buffer too

 private:
  Shape shape_;
  std::shared_ptr<Buffer> buffer_;
};

using Arrays = std::vector<Array>;

// Integers with a shape: labels, token ids, argmax positions. Copies share the values.
class Indices {
 public:
  Indices() = default;
  explicit Indices(const Shape& shape);  // zeros
  Indices(const Shape& shape, const std::vector<std::int32_t>& values);

  const Shape& shape() const { return shape_; }
  std::int64_t size() const { return shape_.numel(); }
  std::span<const std::int32_t> data() const;  // throws ValueError when there are none
  std::span<std::int32_t> mutable_data();
  Indices with_shape(const Shape& shape) const;

 private:
  Shape shape_;
  std::shared_ptr<std::vector<std::int32_t>> values_;
};

// Booleans with a shape, one byte each: 1 is true.
class Mask {
 public:
  Mask() = default;
  explicit Mask(const Shape& shape);  // all false
  Mask(const Shape& shape, const std::vector<std::uint8_t>& values);

  bool defined() const { return values_ != nullptr; }
  const Shape& shape() const { return shape_; }
  std::int64_t size() const { return shape_.numel(); }
  std::span<const std::uint8_t> data() const;  // throws ValueError when there is no mask
  std::span<std::uint8_t> mutable_data();

 private:
  Shape shape_;
  std::shared_ptr<std::vector<std::uint8_t>> values_;
};

Array zeros(const Shape& shape);
Array ones(const Shape& shape);
Array full_like(const Array& x, Real value);  // x's shape and device
Array zeros_like(const Array& x);
Array ones_like(const Array& x);
Array arange(std::int64_t count);  // 0, 1, ..., count-1

// "Array(2, 3) [[1, 2, 3], [4, 5, 6]]": six significant digits, long axes elided in the middle.
std::string to_string(const Array& array);

}  // namespace rushlight
