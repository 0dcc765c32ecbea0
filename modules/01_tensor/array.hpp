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

// Where numbers lie and who computes with them: device.hpp.
enum class Device : std::uint8_t { cpu, cuda };
const char* name_of(Device device);

// A block of numbers on a device, and how often it has been opened for writing.
template <class T>
struct Block {
  T* data = nullptr;  // uninitialised, aligned to 64 bytes
  std::int64_t count = 0;
  Device device = Device::cpu;
  std::uint64_t version = 0;
};

class Array {
 public:
  Array() noexcept;                                               // no array at all: defined() is false
  explicit Array(const Shape& shape);                             // on the CPU, uninitialised elements
  Array(const Shape& shape, std::initializer_list<Real> values);  // throws ShapeError if the count is wrong
  Array(const Shape& shape, const std::vector<Real>& values);
  // As the compiler would write them, but in array.cpp: expanded at every use, they cost each file a third of its
  // compile time.
  Array(const Array&) noexcept;
  Array(Array&&) noexcept;
  Array& operator=(const Array&) noexcept;
  Array& operator=(Array&&) noexcept;
  ~Array();

  static Array on(Device device, const Shape& shape);  // uninitialised elements
  static Array full(const Shape& shape, Real value);   // on the CPU
  static Array scalar(Real value) { return full({}, value); }

  bool defined() const { return buffer_ != nullptr; }
  const Shape& shape() const { return shape_; }
  int rank() const { return shape_.rank(); }
  std::int64_t size() const { return shape_.numel(); }
  std::int64_t dim(int axis) const;  // negative counts from the end; throws IndexError
  Device device() const { return buffer_ ? buffer_->device : Device::cpu; }

  // The elements, which must lie on the CPU: DeviceError elsewhere, ValueError when there is no array.
  std::span<const Real> data() const;
  std::span<Real> mutable_data();  // counts as a write: raises version()
  Real item() const;               // the only element, wherever it lies; ShapeError if there is not exactly one
  std::uint64_t version() const;   // how often the buffer was opened for writing

  Array to(Device device) const;  // the same values there; shares the buffer when it is there already
  Array cpu() const { return to(Device::cpu); }
  Array clone() const;                          // same values, own buffer, same device
  Array with_shape(const Shape& shape) const&;  // same buffer, other shape of equal size: costs nothing
  Array with_shape(const Shape& shape) &&;      // the same for a temporary: its buffer is handed on, not shared
  bool shares_buffer_with(const Array& other) const { return buffer_ == other.buffer_; }
  bool is_shared() const { return buffer_.use_count() > 1; }  // some other Array holds this buffer too

  // For the kernels of `device`, which must be the array's own: DeviceError otherwise.
  const Real* data_on(Device device) const;
  Real* mutable_data_on(Device device);

 private:
  Shape shape_;
  std::shared_ptr<Block<Real>> buffer_;
};

using Arrays = std::vector<Array>;

// Values of another type with a shape and no arithmetic. Copies share them until one of them is opened for writing: that
// one gets values of its own. So what a rule captured stays as it was in the forward pass, whoever writes into theirs.
template <class T>
class Values {
 public:
  Values() = default;
  explicit Values(const Shape& shape);                       // on the CPU, zeros
  Values(const Shape& shape, const std::vector<T>& values);  // throws ShapeError if the count is wrong
  static Values on(Device device, const Shape& shape);       // uninitialised

  bool defined() const { return block_ != nullptr; }
  const Shape& shape() const { return shape_; }
  std::int64_t size() const { return shape_.numel(); }
  Device device() const { return block_ ? block_->device : Device::cpu; }
  // The same values there. Back where they came from, if nobody has written in either place: those very ones, not copied.
  Values to(Device device) const;
  static std::vector<Values> to(Device device, const std::vector<Values>& all);  // to a device in one transfer
  Values with_shape(const Shape& shape) const;

  std::span<const T> data() const;        // on the CPU: DeviceError elsewhere, ValueError when there is nothing
  std::span<T> mutable_data();            // no other handle sees what is written
  const T* data_on(Device device) const;  // for the kernels of that device
  T* mutable_data_on(Device device);
  // To write where all copies see it: for numbers whose address somebody has taken down (22_cuda/graph.hpp).
  T* shared_data_on(Device device);

 private:
  std::uint64_t writes() const { return block_->version + source_->version; }

  Shape shape_;
  std::shared_ptr<Block<T>> block_;
  std::shared_ptr<Block<T>> source_;  // the one on another device that this is a copy of
  std::uint64_t writes_before_ = 0;   // writes() when it was copied
};

using Indices = Values<std::int32_t>;  // labels, token ids, argmax positions
using Mask = Values<std::uint8_t>;     // booleans, one byte each: 1 is true

Array zeros(const Shape& shape);
Array ones(const Shape& shape);
Array full_like(const Array& x, Real value);  // x's shape and device
Array zeros_like(const Array& x);
Array ones_like(const Array& x);
Array arange(std::int64_t count);  // 0, 1, ..., count-1

// "Array(2, 3) [[1, 2, 3], [4, 5, 6]]": six significant digits, long axes elided in the middle.
std::string to_string(const Array& array);

}  // namespace rushlight
