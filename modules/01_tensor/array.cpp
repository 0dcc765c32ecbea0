// array.cpp: given. Storage for Array, Indices and Mask.
#include "01_tensor/array.hpp"

#include <algorithm>
#include <type_traits>

#include "01_tensor/buffer_pool.hpp"
#include "01_tensor/device.hpp"

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

template <class T>
const char* name_of_values() {
  return std::is_same_v<T, std::uint8_t> ? "Mask" : "Indices";
}

void check_here(const char* what, Device wanted, Device actual) {
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

Array::Array(const Shape& shape) : shape_(shape), buffer_(pool::make_block<Real>(checked_numel("Array", shape))) {}

Array Array::on(Device device, const Shape& shape) {
  Array result;
  result.shape_ = shape;
  result.buffer_ = make_block<Real>(device, checked_numel("Array", shape));
  return result;
}

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

const Real* Array::data_on(Device device) const {
  check_defined("Array", defined());
  check_here("Array", device, buffer_->device);
  return buffer_->data;
}

Real* Array::mutable_data_on(Device device) {
  check_defined("Array", defined());
  check_here("Array", device, buffer_->device);
  ++buffer_->version;
  return buffer_->data;
}

std::span<const Real> Array::data() const {
  const Real* first = data_on(Device::cpu);
  return {first, static_cast<std::size_t>(buffer_->count)};
}

std::span<Real> Array::mutable_data() {
  Real* first = mutable_data_on(Device::cpu);
  return {first, static_cast<std::size_t>(buffer_->count)};
}

Real Array::item() const {
  if (!defined() || size() != 1) {
    throw ShapeError("item: needs exactly one element, but the shape is {}.", {shape_});
  }
  return cpu().buffer_->data[0];
}

std::uint64_t Array::version() const { return defined() ? buffer_->version : 0; }

Array Array::to(Device device) const {
  if (!defined() || device == buffer_->device) return *this;
  Array copy = *this;
  copy.buffer_ = copied_to(device, *buffer_);
  return copy;
}

Array Array::clone() const {
  if (!defined()) return {};
  Array copy = *this;
  copy.buffer_ = copied_to(buffer_->device, *buffer_);
  return copy;
}

Array Array::with_shape(const Shape& shape) const& { return Array(*this).with_shape(shape); }

Array Array::with_shape(const Shape& shape) && {
  check_same_count("with_shape", shape_, shape);
  shape_ = shape;
  return std::move(*this);
}

template <class T>
Values<T>::Values(const Shape& shape) : Values(on(Device::cpu, shape)) {
  std::fill_n(block_->data, size(), T{0});
}

template <class T>
Values<T>::Values(const Shape& shape, const std::vector<T>& values) : Values(on(Device::cpu, shape)) {
  check_count(name_of_values<T>(), shape, values);
  std::copy(values.begin(), values.end(), block_->data);
}

template <class T>
Values<T> Values<T>::on(Device device, const Shape& shape) {
  Values result;
  result.shape_ = shape;
  result.block_ = make_block<T>(device, checked_numel(name_of_values<T>(), shape));
  return result;
}

template <class T>
Values<T> Values<T>::to(Device device) const {
  if (!defined() || device == block_->device) return *this;
  Values copy = *this;
  copy.block_ = copied_to(device, *block_);
  return copy;
}

template <class T>
Values<T> Values<T>::with_shape(const Shape& shape) const {
  check_same_count("with_shape", shape_, shape);
  Values view = *this;
  view.shape_ = shape;
  return view;
}

template <class T>
const T* Values<T>::data_on(Device device) const {
  check_defined(name_of_values<T>(), defined());
  check_here(name_of_values<T>(), device, block_->device);
  return block_->data;
}

template <class T>
T* Values<T>::mutable_data_on(Device device) {
  check_defined(name_of_values<T>(), defined());
  check_here(name_of_values<T>(), device, block_->device);
  return block_->data;
}

template <class T>
std::span<const T> Values<T>::data() const {
  const T* first = data_on(Device::cpu);
  return {first, static_cast<std::size_t>(block_->count)};
}

template <class T>
std::span<T> Values<T>::mutable_data() {
  T* first = mutable_data_on(Device::cpu);
  return {first, static_cast<std::size_t>(block_->count)};
}

template class Values<std::int32_t>;
template class Values<std::uint8_t>;

Array zeros(const Shape& shape) { return Array::full(shape, 0); }

Array ones(const Shape& shape) { return Array::full(shape, 1); }

Array full_like(const Array& x, Real value) { return primitives_of(x.device()).full(x.shape(), value); }

Array zeros_like(const Array& x) { return full_like(x, 0); }

Array ones_like(const Array& x) { return full_like(x, 1); }

Array arange(std::int64_t count) {
  Array result(Shape{count});
  const auto values = result.mutable_data();
  for (std::int64_t i = 0; i < count; ++i) values[i] = static_cast<Real>(i);  // counting in floats sticks at 2^24
  return result;
}

}  // namespace rushlight
