// array.cpp: given. Storage for Array, Indices and Mask.
#include "01_tensor/array.hpp"

#include <algorithm>

#include "01_tensor/buffer_pool.hpp"

namespace rushlight {
namespace {

template <class Container>
void check_count(const char* what, const Shape& shape, const Container& values) {
  if (static_cast<std::int64_t>(values.size()) != shape.numel()) {
    throw ShapeError("{}: shape {} holds {} elements, but {} values were given.",
                     {what, shape, shape.numel(), values.size()});
  }
}

// An element count that exists: no negative sizes, and a product that fits.
std::int64_t checked_numel(const char* what, const Shape& shape) {
  if (std::any_of(shape.begin(), shape.end(), [](std::int64_t size) { return size < 0; })) {
    throw ShapeError("{}: shape {} has a negative size.", {what, shape});
  }
  return shape.numel();
}

// What a moved-from or never assigned handle gets instead of a null pointer.
void check_defined(const char* what, bool defined) {
  if (!defined) {
    throw ValueError(
        "{}: this handle is empty; give it a value first. (In a rule: bw.out needs "
        "Save::output.)",
        {what});
  }
}

void check_same_count(const char* what, const Shape& from, const Shape& to) {
  if (from.numel() != to.numel()) {
    throw ShapeError("{}: shape {} has {} elements and {} has {}: a reshape keeps the number of elements.",
                     {what, from, from.numel(), to, to.numel()});
  }
}

// A Buffer, its reference counts and its numbers in one block of the pool: in a small network, looking for memory twice
// for every Array is a good part of the step. T is what std::allocate_shared makes of the Buffer and the counts.
template <class T>
struct InFrontOfNumbers {
  using value_type = T;
  std::size_t bytes;  // header and numbers

  explicit InFrontOfNumbers(std::size_t all) : bytes(all) {}
  template <class Other>
  InFrontOfNumbers(const InFrontOfNumbers<Other>& other) : bytes(other.bytes) {}

  T* allocate(std::size_t) {
    static_assert(sizeof(T) <= pool::alignment);
    return static_cast<T*>(pool::take(bytes));
  }
  void deallocate(T* block, std::size_t) noexcept { pool::give_back(block, bytes); }
  bool operator==(const InFrontOfNumbers&) const = default;
};

std::shared_ptr<Buffer> make_buffer(std::int64_t count) {
  const std::size_t bytes = pool::alignment + static_cast<std::size_t>(count) * sizeof(Real);
  auto buffer = std::allocate_shared<Buffer>(InFrontOfNumbers<Buffer>(bytes));
  // The Buffer lies in the first 64 bytes of a block that begins at a multiple of 64; the numbers come next.
  const auto header = reinterpret_cast<std::uintptr_t>(buffer.get()) / pool::alignment * pool::alignment;
  buffer->data = reinterpret_cast<Real*>(header + pool::alignment);
  buffer->count = count;
  return buffer;
}

}  // namespace

Shape::Shape(std::span<const std::int64_t> sizes) {
  for (const std::int64_t size : sizes) push_back(size);
}

std::int64_t Shape::numel() const {
  std::int64_t product = 1;
  for (const std::int64_t size : *this) {
    if (__builtin_mul_overflow(product, size, &product)) {
      throw ShapeError("Shape: {} has more elements than can be counted.", {*this});
    }
  }
  return product;
}

void Shape::push_back(std::int64_t size) {
  if (rank_ == max_rank) throw ShapeError("Shape: at most {} axes.", {max_rank});
  sizes_[rank_++] = size;
}

bool Shape::operator==(const Shape& other) const { return std::equal(begin(), end(), other.begin(), other.end()); }

std::string Shape::str() const {
  std::string text = "(";
  for (int axis = 0; axis < rank_; ++axis) text += formatted("{}{}", {axis ? ", " : "", sizes_[axis]});
  return text + (rank_ == 1 ? ",)" : ")");
}

bool broadcasts_to(const Shape& from, const Shape& to) {
  const int missing = to.rank() - from.rank();
  if (missing < 0) return false;
  for (int axis = 0; axis < from.rank(); ++axis) {
    if (from[axis] != 1 && from[axis] != to[axis + missing]) return false;
  }
  return true;
}

Array::Array() noexcept = default;
Array::Array(const Array&) noexcept = default;
Array::Array(Array&&) noexcept = default;
Array& Array::operator=(const Array&) noexcept = default;
Array& Array::operator=(Array&&) noexcept = default;
Array::~Array() = default;

Array::Array(const Shape& shape) : shape_(shape), buffer_(make_buffer(checked_numel("Array", shape))) {}

Array::Array(const Shape& shape, std::initializer_list<Real> values) : Array(shape) {
  check_count("Array", shape, values);
  std::copy(values.begin(), values.end(), buffer_->data);
}

Array::Array(const Shape& shape, const std::vector<Real>& values) : Array(shape) {
  check_count("Array", shape, values);
  std::copy(values.begin(), values.end(), buffer_->data);
}

Array Array::full(const Shape& shape, Real value) {
  Array result(shape);
  std::fill_n(result.buffer_->data, result.size(), value);
  return result;
}

std::int64_t Array::dim(int axis) const {
  const int from_front = axis < 0 ? axis + rank() : axis;
  if (from_front < 0 || from_front >= rank()) {
    throw IndexError("dim: axis {} is outside shape {}.", {axis, shape_});
  }
  return shape_[from_front];
}

std::span<const Real> Array::data() const {
  check_defined("Array", defined());
  return {buffer_->data, static_cast<std::size_t>(buffer_->count)};
}

std::span<Real> Array::mutable_data() {
  check_defined("Array", defined());
  ++buffer_->version;
  return {buffer_->data, static_cast<std::size_t>(buffer_->count)};
}

Real Array::item() const {
  if (!defined() || size() != 1) {
    throw ShapeError("item: needs exactly one element, but the shape is {}.", {shape_});
  }
  return buffer_->data[0];
}

std::uint64_t Array::version() const { return defined() ? buffer_->version : 0; }

Array Array::clone() const {
  if (!defined()) return {};
  Array copy(shape_);
  std::copy_n(buffer_->data, size(), copy.buffer_->data);
  return copy;
}

Array Array::with_shape(const Shape& shape) const& { return Array(*this).with_shape(shape); }

Array Array::with_shape(const Shape& shape) && {
  check_same_count("with_shape", shape_, shape);
  shape_ = shape;
  return std::move(*this);
}

Indices::Indices(const Shape& shape)
    : shape_(shape), values_(std::make_shared<std::vector<std::int32_t>>(checked_numel("Indices", shape))) {}

Indices::Indices(const Shape& shape, const std::vector<std::int32_t>& values)
    : shape_(shape), values_(std::make_shared<std::vector<std::int32_t>>(values)) {
  check_count("Indices", shape, values);
}

std::span<const std::int32_t> Indices::data() const {
  check_defined("Indices", values_ != nullptr);
  return *values_;
}

std::span<std::int32_t> Indices::mutable_data() {
  check_defined("Indices", values_ != nullptr);
  return *values_;
}

Indices Indices::with_shape(const Shape& shape) const {
  check_same_count("with_shape", shape_, shape);
  Indices view = *this;
  view.shape_ = shape;
  return view;
}

Mask::Mask(const Shape& shape)
    : shape_(shape), values_(std::make_shared<std::vector<std::uint8_t>>(checked_numel("Mask", shape))) {}

Mask::Mask(const Shape& shape, const std::vector<std::uint8_t>& values)
    : shape_(shape), values_(std::make_shared<std::vector<std::uint8_t>>(values)) {
  check_count("Mask", shape, values);
}

std::span<const std::uint8_t> Mask::data() const {
  check_defined("Mask", values_ != nullptr);
  return *values_;
}

std::span<std::uint8_t> Mask::mutable_data() {
  check_defined("Mask", values_ != nullptr);
  return *values_;
}

Array zeros(const Shape& shape) { return Array::full(shape, 0); }

Array ones(const Shape& shape) { return Array::full(shape, 1); }

Array full_like(const Array& x, Real value) { return Array::full(x.shape(), value); }

Array zeros_like(const Array& x) { return full_like(x, 0); }

Array ones_like(const Array& x) { return full_like(x, 1); }

Array arange(std::int64_t count) {
  Array result(Shape{count});
  const auto values = result.mutable_data();
  for (std::int64_t i = 0; i < count; ++i) values[i] = static_cast<Real>(i);  // counting in floats sticks at 2^24
  return result;
}

}  // namespace rushlight
