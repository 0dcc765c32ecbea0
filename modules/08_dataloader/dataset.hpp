// dataset.hpp: what a data set is: a number of examples, each of which can be read by its index. Everything here is
// const after construction, so that several threads may read at once.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "01_tensor/array.hpp"
#include "01_tensor/random.hpp"
#include "08_dataloader/transforms.hpp"

namespace rushlight {

// N images of one size and their labels, as bytes: what the image readers return. 60,000 images of 28 x 28 take 47 MB
// this way, and four times that as floats.
struct ImageSet {
  std::int64_t channels = 0;
  std::int64_t height = 0;
  std::int64_t width = 0;
  Bytes pixels;                      // (N, C, H, W), row-major
  std::vector<std::int32_t> labels;  // (N)

  std::int64_t size() const { return static_cast<std::int64_t>(labels.size()); }
  std::int64_t image_size() const { return channels * height * width; }
  Image image(std::int64_t index) const;  // a copy; throws IndexError
};

class Dataset {
 public:
  virtual ~Dataset() = default;

  virtual std::int64_t size() const = 0;
  virtual Shape shape() const = 0;  // of one example's features

  // Writes the features of example `index` to `features` (shape().numel() Reals: a row of a batch) and returns its
  // label. What chance it needs it takes from `random`, and from nowhere else. Called from several threads at once.
  // Throws IndexError unless 0 <= index < size().
  virtual std::int32_t item(std::int64_t index, std::span<Real> features, Generator& random) const = 0;
};

// Images through a pipeline of transforms.
class ImageDataset : public Dataset {
 public:
  // Throws ValueError when pixels and labels do not count the same, or a transform does not fit the images.
  explicit ImageDataset(ImageSet images, Transforms transforms = {});

  std::int64_t size() const override { return images_.size(); }
  Shape shape() const override { return shape_; }
  std::int32_t item(std::int64_t index, std::span<Real> features, Generator& random) const override;

  const ImageSet& images() const { return images_; }

 private:
  ImageSet images_;
  Transforms transforms_;
  Shape shape_;
};

// Rows of numbers that are in memory already: features (N, ...), labels (N).
class TensorDataset : public Dataset {
 public:
  TensorDataset(Array features, Indices labels);  // throws ShapeError when they do not count the same

  std::int64_t size() const override { return labels_.size(); }
  Shape shape() const override { return shape_; }
  std::int32_t item(std::int64_t index, std::span<Real> features, Generator& random) const override;

 private:
  Array features_;
  Indices labels_;
  Shape shape_;
};

}  // namespace rushlight
