// shape_type.cpp: given. What a Shape can do by itself, and where two meet in a product.
#include <algorithm>

#include "01_tensor/error.hpp"
#include "01_tensor/shape.hpp"

namespace rushlight {

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

Shape product_batch(const Shape& a, const Shape& b) {
  const auto before_the_last_two = [](const Shape& shape) { return Shape(std::span(shape.begin(), shape.end() - 2)); };
  try {
    return broadcast_shapes("matmul", before_the_last_two(a), before_the_last_two(b));
  } catch (const ShapeError&) {
    throw ShapeError(
        "matmul: shapes {} and {} do not multiply: needs (..., M, K) x (..., K, N), with leading axes that broadcast: "
        "equal or 1.",
        {a, b});
  }
}

}  // namespace rushlight
