// array.cpp: given. Storage for Array.
#include "01_tensor/array.hpp"

#include <algorithm>

#include "01_tensor/block.hpp"

namespace rushlight {

using namespace detail;

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
