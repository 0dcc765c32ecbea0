// idx.cpp: the format of Fashion-MNIST. A reader trusts nothing: every number in the header is checked against the
// bytes that are really there before anything is allocated or indexed with it.
#include "08_dataloader/idx.hpp"

#include <utility>

#include "01_tensor/error.hpp"
#include "01_tensor/todo.hpp"

namespace rushlight {

// 08.1 read_big_endian  00 00 ea 60 -> 60000;  b0·2^24 + b1·2^16 + b2·2^8 + b3
// Throws IndexError unless 0 <= offset and offset + 4 <= size, whatever the offset.
// Hint: a byte shifted by 24 does not fit an int; widen it to 32 unsigned bits first.
std::uint32_t read_big_endian(std::span<const std::uint8_t> bytes, std::int64_t offset) {
  if (offset < 0 || offset > static_cast<std::int64_t>(bytes.size()) - 4) {
    throw IndexError("read_big_endian: four bytes at offset {} are not inside {} bytes.", {offset, bytes.size()});
  }
  std::uint32_t value = 0;
  for (const std::uint8_t byte : bytes.subspan(static_cast<std::size_t>(offset), 4)) value = value << 8 | byte;
  return value;
}

// 08.1 read_idx  path, magic -> shape and bytes;  rank = last byte of the magic, header = 4 + 4·rank bytes
// Throws FileError through fail_at_offset: header cut short; wrong magic (offset 0, both in hex); more or fewer bytes
// than the header promises (the offset where the data begin, both counts).
// Hint: 2^32 · 2^32 overflows 64 signed bits; the sizes come from the file, so compare by dividing, or stop early.
IdxFile read_idx(const std::string& path, std::uint32_t magic) {
  Bytes bytes = read_bytes(path);
  const auto size = static_cast<std::int64_t>(bytes.size());
  const std::int64_t rank = magic & 0xff;
  const std::int64_t header = 4 + 4 * rank;
  if (size >= 4 && read_big_endian(bytes, 0) != magic) {
    fail_at_offset(path, 0,
                   formatted("the magic number is {:#010x}, but this kind of IDX file begins with {:#010x}",
                             {read_big_endian(bytes, 0), magic}));
  }
  if (size < header) {
    fail_at_offset(path, size, formatted("the file ends inside the IDX header, which takes {} bytes", {header}));
  }
  IdxFile file;
  std::int64_t promised = 1;
  for (std::int64_t axis = 0; axis < rank; ++axis) {
    const std::int64_t length = read_big_endian(bytes, 4 + 4 * axis);
    file.shape.push_back(length);
    // Once the product exceeds what any file holds, its exact value no longer matters.
    promised = length != 0 && promised > INT64_MAX / length ? INT64_MAX : promised * length;
  }
  if (size - header != promised) {
    fail_at_offset(
        path, header,
        formatted("the header promises {} elements of one byte, but {} bytes follow", {file.shape, size - header}));
  }
  bytes.erase(bytes.begin(), bytes.begin() + header);
  file.data = std::move(bytes);
  return file;
}

// 08.1 read_idx_images  two paths -> images (N, 1, H, W) and N labels
// Throws FileError that names the labels' file and both counts when they differ.
// Hint: two calls of read_idx; the bytes of the images can be moved, and a vector is made from two iterators.
ImageSet read_idx_images(const std::string& images_path, const std::string& labels_path) {
  IdxFile images = read_idx(images_path, idx_images_magic);
  const IdxFile labels = read_idx(labels_path, idx_labels_magic);
  if (images.shape[0] != labels.shape[0]) {
    fail_at_offset(
        labels_path, 4,
        formatted("there are {} labels for the {} images of {}", {labels.shape[0], images.shape[0], images_path}));
  }
  return {.channels = 1,
          .height = images.shape[1],
          .width = images.shape[2],
          .pixels = std::move(images.data),
          .labels = {labels.data.begin(), labels.data.end()}};
}

}  // namespace rushlight
