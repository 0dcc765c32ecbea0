// transforms.hpp: what happens to an image on its way into a batch. First bytes -> bytes (crop, flip), then bytes ->
// Reals (scale to 0..1, normalise), in this order and no other: a crop pads with black, and black is the byte 0, which
// normalising turns into (0 - mean) / deviation. Padding afterwards with the Real 0 would paint a border of average
// grey. The types keep the order: a ByteTransform cannot be applied to Reals.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "01_tensor/array.hpp"
#include "01_tensor/random.hpp"
#include "08_dataloader/bytes.hpp"

namespace rushlight {

// One image, channel after channel, each row by row. C channels, H rows, W columns.
struct Image {
  std::int64_t channels = 0;
  std::int64_t height = 0;
  std::int64_t width = 0;
  Bytes pixels;  // (C, H, W)

  std::int64_t at(std::int64_t channel, std::int64_t row, std::int64_t column) const {
    return (channel * height + row) * width + column;  // the place in `pixels`
  }
};

// How many bytes an image of this size takes. Throws ValueError that begins with `op` for a negative size, or one of more
// than 4 GiB: sizes come from files and options, and their product may wrap around. Given.
std::size_t image_bytes(const char* op, std::int64_t channels, std::int64_t height, std::int64_t width);

using ByteTransform = std::function<Image(const Image&, Generator&)>;

// --- 08.4, written by you in transforms.cpp -------------------------------------------------------------------

// The window of height x width whose upper left corner is at (top, left) of the image; what lies outside is black (0).
// top and left may be any numbers. Throws ValueError when height or width is below 1, or the window takes more than 4 GiB.
Image crop(const Image& image, std::int64_t top, std::int64_t left, std::int64_t height, std::int64_t width);

// Left and right exchanged in every row of every channel.
Image flip_horizontal(const Image& image);

// As torchvision's RandomCrop(size, padding): pads every side with `padding` black pixels, then takes a window of
// size x size at a place drawn from `random`, each place equally likely; first the row, then the column.
// Throws ValueError when size is below 1, the padded image is smaller than the window, the window takes more than 4 GiB, or
// the padding is not in 0..2^31 - 1. Nothing has been drawn then.
struct RandomCrop {
  std::int64_t size = 0;
  std::int64_t padding = 0;

  Image operator()(const Image& image, Generator& random) const;
};

// As torchvision's RandomHorizontalFlip: flips with this probability. One draw an image, whatever the outcome.
struct RandomHorizontalFlip {
  double probability = 0.5;

  Image operator()(const Image& image, Generator& random) const;
};

// out = (byte / 255 - mean[c]) / deviation[c], in the order of the pixels. Both lists empty: byte / 255, as
// torchvision's ToTensor. Otherwise one number a channel.
struct Normalize {
  std::vector<double> mean = {};
  std::vector<double> deviation = {};

  // Throws ValueError when the lists have different lengths or a deviation is not above 0 (names the channel).
  void check(std::int64_t channels) const;  // given
  void operator()(const Image& image, std::span<Real> out) const;
};

// ----------------------------------------------------------------------------------------------------------------

struct Transforms {
  std::vector<ByteTransform> bytes = {};  // in this order
  Normalize normalize = {};
  bool flatten = false;  // (C·H·W) instead of (C, H, W)
};

// All of it for one image: `bytes` in order, then normalize, into `out`. Throws ShapeError when the result does not
// fill `out` exactly. 08.4
void apply(const Transforms& transforms, Image image, std::span<Real> out, Generator& random);

// What is usual for CIFAR-10: mean (.4914, .4822, .4465), deviation (.2470, .2435, .2616).
Normalize cifar10_normalize();
// For Fashion-MNIST: mean .2860, deviation .3530, over the 60,000 training images.
Normalize fashion_mnist_normalize();

}  // namespace rushlight
