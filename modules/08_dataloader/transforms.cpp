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
  todo("08.4");
}

// 08.4 flip_horizontal  (C, H, W) -> (C, H, W);  out[c, i, j] = in[c, i, W - 1 - j]
// Hint: channels and rows need no distinction here: pixels is C·H rows of W.
Image flip_horizontal(const Image& image) {
  todo("08.4");
}

// 08.4 RandomCrop  (C, H, W) -> (C, size, size);  top uniform in -padding .. H + padding - size, left likewise with W
// Throws ValueError when size is below 1, H + 2·padding or W + 2·padding is below size, the window takes more than 4 GiB, or
// padding is not in 0..2^31 - 1; all of it before anything is drawn.
// Hint: random.below(n) gives 0 .. n-1. One crop() is enough: what lies outside is black already.
Image RandomCrop::operator()(const Image& image, Generator& random) const {
  todo("08.4");
}

// 08.4 RandomHorizontalFlip  flips when a uniform draw from [0, 1) is below `probability`
// Hint: draw always, so that what comes after sees the same numbers for every probability.
Image RandomHorizontalFlip::operator()(const Image& image, Generator& random) const {
  todo("08.4");
}

// 08.4 Normalize  bytes (C, H, W) -> Reals (C, H, W);  out = (byte / 255 - mean[c]) / deviation[c]
// Without means and deviations: byte / 255. `out` has exactly as many elements as the image.
// Hint: one loop over channels, one over the H·W pixels of a plane.
void Normalize::operator()(const Image& image, std::span<Real> out) const {
  todo("08.4");
}

// 08.4 apply  an image -> its Reals in `out`
// Throws ShapeError that says the image's size and the size of `out` when they differ.
// Hint: each transform takes the image that the one before returned; normalise last.
void apply(const Transforms& transforms, Image image, std::span<Real> out, Generator& random) {
  todo("08.4");
}

}  // namespace rushlight
