// dataset.cpp: given. Data sets that are in memory.
#include "08_dataloader/dataset.hpp"

#include <algorithm>
#include <utility>

#include "01_tensor/error.hpp"

namespace rushlight {
namespace {

Shape check_features(const Array& features, const Indices& labels) {
  if (features.rank() < 1 || labels.shape().rank() != 1 || features.dim(0) != labels.size()) {
    throw ShapeError("TensorDataset: features {} and labels {} do not go together: needs (N, ...) and (N).",
                     {features.shape(), labels.shape()});
  }
  Shape shape;
  for (int axis = 1; axis < features.rank(); ++axis) shape.push_back(features.shape()[axis]);
  return shape;
}

}  // namespace

ImageDataset::ImageDataset(ImageSet images, Transforms transforms)
    : images_(std::move(images)), transforms_(std::move(transforms)) {
  const std::size_t each = image_bytes("ImageDataset", images_.channels, images_.height, images_.width);
  std::size_t needed = 0;
  if (__builtin_mul_overflow(images_.labels.size(), each, &needed) || images_.pixels.size() != needed) {
    throw ValueError("ImageDataset: {} labels and images of {} x {} x {} do not go with {} bytes.",
                     {images_.size(), images_.channels, images_.height, images_.width, images_.pixels.size()});
  }
  transforms_.normalize.check(images_.channels);
  // The size of a transformed image does not depend on the image: ask with a black one.
  Image probe{images_.channels, images_.height, images_.width, Bytes(each)};
  Generator random;
  for (const ByteTransform& transform : transforms_.bytes) probe = transform(probe, random);
  shape_ = {probe.channels, probe.height, probe.width};
  if (transforms_.flatten) shape_ = {shape_.numel()};
}

std::int32_t ImageDataset::item(std::int64_t index, std::span<Real> features, Generator& random) const {
  apply(transforms_, images_.image(index), features, random);
  return images_.labels[static_cast<std::size_t>(index)];
}

TensorDataset::TensorDataset(Array features, Indices labels)
    : features_(std::move(features)), labels_(std::move(labels)), shape_(check_features(features_, labels_)) {}

std::int32_t TensorDataset::item(std::int64_t index, std::span<Real> features, Generator&) const {
  if (index < 0 || index >= size()) {
    throw IndexError("TensorDataset: example {} is outside 0..{}.", {index, size() - 1});
  }
  const std::int64_t count = shape_.numel();
  std::copy_n(features_.data().data() + index * count, count, features.begin());
  return labels_.data()[static_cast<std::size_t>(index)];
}

}  // namespace rushlight
