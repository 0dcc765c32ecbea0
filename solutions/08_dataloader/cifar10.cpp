// cifar10.cpp: records of one label and 3072 pixels.
#include "08_dataloader/cifar10.hpp"

#include <algorithm>

#include "01_tensor/error.hpp"
#include "01_tensor/todo.hpp"

namespace rushlight {
namespace {  // solution

void check_records(const std::string& path, const Bytes& bytes) {
  const auto size = static_cast<std::int64_t>(bytes.size());
  const std::int64_t rest = size % cifar10_record;
  if (size == 0) fail_at_offset(path, 0, "the file is empty; it should hold records of 3073 bytes");
  if (rest != 0) {
    fail_at_offset(path, size - rest, formatted("the last record has {} of {} bytes", {rest, cifar10_record}));
  }
  for (std::int64_t offset = 0; offset < size; offset += cifar10_record) {
    if (bytes[offset] > 9) {
      fail_at_offset(path, offset, formatted("the label is {}, but it must be 0..9", {bytes[offset]}));
    }
  }
}

void check_writable(const ImageSet& images) {
  if (images.size() == 0) throw ValueError("write_cifar10: there are no images, but the format takes at least one.");
  const auto count = static_cast<std::size_t>(images.size() * cifar10_pixels);
  if (images.channels != 3 || images.height != cifar10_side || images.width != cifar10_side ||
      images.pixels.size() != count) {
    throw ValueError("write_cifar10: {} images of {} x {} x {} in {} bytes, but the format takes 3 x 32 x 32.",
                     {images.size(), images.channels, images.height, images.width, images.pixels.size()});
  }
  for (std::int64_t i = 0; i < images.size(); ++i) {
    if (images.labels[i] < 0 || images.labels[i] > 9) {
      throw ValueError("write_cifar10: the label of image {} is {}, but it must be 0..9.", {i, images.labels[i]});
    }
  }
}

}  // namespace

// 08.2 read_cifar10  paths -> images (N, 3, 32, 32), N labels;  record = label, 1024 red, 1024 green, 1024 blue
// Throws FileError through fail_at_offset, whichever file it is: empty, an incomplete last record (its offset), a label
// above 9 (its offset). No file at all gives no images.
// Hint: the planes stand in the file as they stand in an ImageSet: no pixel changes its place, only the labels go.
ImageSet read_cifar10(const std::vector<std::string>& paths) {
  ImageSet images{.channels = 3, .height = cifar10_side, .width = cifar10_side, .pixels = {}, .labels = {}};
  for (const std::string& path : paths) {
    const Bytes bytes = read_bytes(path);
    check_records(path, bytes);
    for (auto record = bytes.begin(); record != bytes.end(); record += cifar10_record) {
      images.labels.push_back(*record);
      images.pixels.insert(images.pixels.end(), record + 1, record + cifar10_record);
    }
  }
  return images;
}

// 08.2 write_cifar10  images (N, 3, 32, 32) -> a file that read_cifar10 reads back
// Throws ValueError, before anything is written, for no image at all, another shape, not as many images as labels, or a
// label outside 0..9.
// Hint: fill one Bytes, then write_bytes.
void write_cifar10(const std::string& path, const ImageSet& images) {
  check_writable(images);
  Bytes bytes;
  bytes.reserve(static_cast<std::size_t>(images.size() * cifar10_record));
  for (std::int64_t i = 0; i < images.size(); ++i) {
    const auto first = images.pixels.begin() + i * cifar10_pixels;
    bytes.push_back(static_cast<std::uint8_t>(images.labels[i]));
    bytes.insert(bytes.end(), first, first + cifar10_pixels);
  }
  write_bytes(path, bytes);
}

// 08.2 to_cifar10  (N, 1, H, W) with H, W <= 32 -> (N, 3, 32, 32);  border above = (32 - H) / 2, rounded down
// Throws ValueError for images of more channels or pixels, or not as many as there are labels.
// Hint: start from black pixels and copy each row to its place in each of the three planes.
ImageSet to_cifar10(const ImageSet& grey) {
  const auto too_long = [](std::int64_t side) { return side < 0 || side > cifar10_side; };
  if (grey.channels != 1 || too_long(grey.height) || too_long(grey.width) ||
      grey.pixels.size() != static_cast<std::size_t>(grey.size() * grey.image_size())) {
    throw ValueError("to_cifar10: {} images of {} x {} x {} in {} bytes, but one channel of at most 32 x 32 is needed.",
                     {grey.size(), grey.channels, grey.height, grey.width, grey.pixels.size()});
  }
  ImageSet colour{3, cifar10_side, cifar10_side, Bytes(grey.size() * cifar10_pixels), grey.labels};
  const std::int64_t top = (cifar10_side - grey.height) / 2;
  const std::int64_t left = (cifar10_side - grey.width) / 2;
  for (std::int64_t plane = 0; plane < grey.size() * 3; ++plane) {  // plane / 3 is the image
    for (std::int64_t row = 0; row < grey.height; ++row) {
      const auto from = grey.pixels.begin() + (plane / 3 * grey.height + row) * grey.width;
      const auto to = colour.pixels.begin() + (plane * cifar10_side + top + row) * cifar10_side + left;
      std::copy_n(from, grey.width, to);
    }
  }
  return colour;
}

}  // namespace rushlight
