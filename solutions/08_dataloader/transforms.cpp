// transforms.cpp: images on their way into a batch. C channels, H rows, W columns.
#include "08_dataloader/transforms.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "01_tensor/error.hpp"
#include "01_tensor/todo.hpp"

namespace rushlight {

// 08.4 crop  (C, H, W), corner (top, left) -> (C, height, width);  out[c, i, j] = in[c, top + i, left + j], or 0 outside
// Throws ValueError when height or width is below 1, and what image_bytes (given) says against the window's size.
// Hint: start from black; a window that lies wholly outside is done. The rows and columns that both images have are one
// rectangle, copied row by row.
Image crop(const Image& image, std::int64_t top, std::int64_t left, std::int64_t height, std::int64_t width) {
  if (height < 1 || width < 1) {
    throw ValueError("crop: a window of {} x {} has no pixels.", {height, width});
  }
  Image window{image.channels, height, width, Bytes(image_bytes("crop", image.channels, height, width))};
  const bool apart = top >= image.height || left >= image.width || top <= -height || left <= -width;
  if (apart) return window;  // and from here on no sum of these numbers overflows
  const std::int64_t first_row = std::max<std::int64_t>(0, -top);
  const std::int64_t last_row = std::min(height, image.height - top);
  const std::int64_t first_column = std::max<std::int64_t>(0, -left);
  const std::int64_t columns = std::min(width, image.width - left) - first_column;
  for (std::int64_t channel = 0; channel < image.channels; ++channel) {
    for (std::int64_t row = first_row; row < last_row; ++row) {
      std::copy_n(image.pixels.begin() + image.at(channel, top + row, left + first_column), columns,
                  window.pixels.begin() + window.at(channel, row, first_column));
    }
  }
  return window;
}

// 08.4 flip_horizontal  (C, H, W) -> (C, H, W);  out[c, i, j] = in[c, i, W - 1 - j]
// Hint: channels and rows need no distinction here: pixels is C·H rows of W.
Image flip_horizontal(const Image& image) {
  Image flipped = image;
  for (std::int64_t row = 0; row < image.channels * image.height; ++row) {
    const auto begin = flipped.pixels.begin() + row * image.width;
    std::reverse(begin, begin + image.width);
  }
  return flipped;
}

// 08.4 RandomCrop  (C, H, W) -> (C, size, size);  top uniform in -padding .. H + padding - size, left likewise with W
// Throws ValueError when size is below 1, H + 2·padding or W + 2·padding is below size, the window takes more than 4 GiB, or
// padding is not in 0..2^31 - 1; all of it before anything is drawn.
// Hint: random.below(n) gives 0 .. n-1. One crop() is enough: what lies outside is black already.
Image RandomCrop::operator()(const Image& image, Generator& random) const {
  if (padding < 0 || padding > INT32_MAX) {
    throw ValueError("RandomCrop: padding is {}; it must be in 0..{}.", {padding, INT32_MAX});
  }
  if (size < 1) throw ValueError("RandomCrop: a window of {} x {} has no pixels.", {size, size});
  const std::int64_t places_down = image.height + 2 * padding - size + 1;
  const std::int64_t places_across = image.width + 2 * padding - size + 1;
  if (places_down < 1 || places_across < 1) {
    throw ValueError("RandomCrop: a window of {} x {} does not fit an image of {} x {} with a padding of {}.",
                     {size, size, image.height, image.width, padding});
  }
  image_bytes("RandomCrop", image.channels, size, size);
  const std::int64_t top = random.below(places_down) - padding;
  const std::int64_t left = random.below(places_across) - padding;
  return crop(image, top, left, size, size);
}

// 08.4 RandomHorizontalFlip  flips when a uniform draw from [0, 1) is below `probability`
// Hint: draw always, so that what comes after sees the same numbers for every probability.
Image RandomHorizontalFlip::operator()(const Image& image, Generator& random) const {
  return random.uniform() < probability ? flip_horizontal(image) : image;
}

// 08.4 Normalize  bytes (C, H, W) -> Reals (C, H, W);  out = (byte / 255 - mean[c]) / deviation[c]
// Without means and deviations: byte / 255. `out` has exactly as many elements as the image.
// Hint: one loop over channels, one over the H·W pixels of a plane.
void Normalize::operator()(const Image& image, std::span<Real> out) const {
  check(image.channels);
  const std::int64_t plane = image.height * image.width;
  for (std::int64_t channel = 0; channel < image.channels; ++channel) {
    const Real shift = mean.empty() ? Real{0} : static_cast<Real>(mean[channel]);
    const Real scale = mean.empty() ? Real{1} : static_cast<Real>(deviation[channel]);
    const std::uint8_t* from = image.pixels.data() + channel * plane;
    std::transform(from, from + plane, out.data() + channel * plane,
                   [=](std::uint8_t byte) { return (static_cast<Real>(byte) / 255 - shift) / scale; });
  }
}

// 08.4 apply  an image -> its Reals in `out`
// Throws ShapeError that says the image's size and the size of `out` when they differ.
// Hint: each transform takes the image that the one before returned; normalise last.
void apply(const Transforms& transforms, Image image, std::span<Real> out, Generator& random) {
  for (const ByteTransform& transform : transforms.bytes) image = transform(image, random);
  if (out.size() != image.pixels.size()) {
    throw ShapeError("apply: an image of {} x {} x {} does not fill {} places.",
                     {image.channels, image.height, image.width, out.size()});
  }
  transforms.normalize(image, out);
}

}  // namespace rushlight
