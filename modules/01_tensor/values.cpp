// values.cpp: given. Storage for Indices and Mask.
#include <algorithm>
#include <type_traits>
#include <utility>

#include "01_tensor/block.hpp"

namespace rushlight {

using namespace detail;

namespace {

template <class T>
const char* name_of_values() {
  return std::is_same_v<T, std::uint8_t> ? "Mask" : "Indices";
}

}  // namespace

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
  if (source_ && source_->device == device && writes() == writes_before_) {
    std::swap(copy.block_, copy.source_);
    return copy;
  }
  copy.block_ = copied_to(device, *block_);
  copy.source_ = block_;
  copy.writes_before_ = copy.writes();
  return copy;
}

template <class T>
std::vector<Values<T>> Values<T>::to(Device device, const std::vector<Values>& all) {
  std::vector<Values> copies;
  std::vector<T> numbers;
  for (const Values& each : all) {
    copies.push_back(each.to(Device::cpu));
    numbers.insert(numbers.end(), copies.back().data().begin(), copies.back().data().end());
  }
  if (device == Device::cpu) return copies;
  const auto there = copied_to(device, Block<T>{numbers.data(), static_cast<std::int64_t>(numbers.size())});
  std::int64_t start = 0;
  for (Values& copy : copies) {
    const auto keeping_all = [there](Block<T>* part) { delete part; };
    copy.source_ = copy.block_;
    copy.block_ = std::shared_ptr<Block<T>>(new Block<T>{there->data + start, copy.size(), device}, keeping_all);
    copy.writes_before_ = copy.writes();
    start += copy.size();
  }
  return copies;
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
  if (block_.use_count() > 1) block_ = copied_to(device, *block_);
  source_ = nullptr;
  return block_->data;
}

template <class T>
T* Values<T>::shared_data_on(Device device) {
  check_defined(name_of_values<T>(), defined());
  check_here(name_of_values<T>(), device, block_->device);
  ++block_->version;
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

}  // namespace rushlight
