// idx.hpp: the format of MNIST and Fashion-MNIST (Y. LeCun, "The MNIST database"). All numbers are big-endian:
//
//   offset 0   00 00 08 03      two zeros, the type (08: bytes), the number of axes (images 3, labels 1)
//   offset 4   00 00 ea 60      size of axis 0, then 4 bytes for each further axis
//   then       one byte an element, row-major
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "01_tensor/shape.hpp"
#include "08_dataloader/bytes.hpp"
#include "08_dataloader/dataset.hpp"

namespace rushlight {

constexpr std::uint32_t idx_images_magic = 0x00000803;
constexpr std::uint32_t idx_labels_magic = 0x00000801;

struct IdxFile {
  Shape shape;
  Bytes data;
};

// --- 08.1, written by you in idx.cpp --------------------------------------------------------------------------

// The number in the four bytes at `offset`, the first one the most significant. Throws IndexError past the end.
std::uint32_t read_big_endian(std::span<const std::uint8_t> bytes, std::int64_t offset);

// A file of the given kind, plain or gzip. Throws FileError with path, offset and reason: another magic number (shows
// both), a header cut short, fewer or more data bytes than the header promises.
IdxFile read_idx(const std::string& path, std::uint32_t magic);

// Images (N, 28, 28), say, as one channel, and their labels. Throws FileError when the two files do not count the same.
ImageSet read_idx_images(const std::string& images_path, const std::string& labels_path);

}  // namespace rushlight
