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
  todo("08.1");
}

// 08.1 read_idx  path, magic -> shape and bytes;  rank = last byte of the magic, header = 4 + 4·rank bytes
// Throws FileError through fail_at_offset: header cut short; wrong magic (offset 0, both in hex); more or fewer bytes
// than the header promises (the offset where the data begin, both counts).
// Hint: 2^32 · 2^32 overflows 64 signed bits; the sizes come from the file, so compare by dividing, or stop early.
IdxFile read_idx(const std::string& path, std::uint32_t magic) {
  todo("08.1");
}

// 08.1 read_idx_images  two paths -> images (N, 1, H, W) and N labels
// Throws FileError that names the labels' file and both counts when they differ.
// Hint: two calls of read_idx; the bytes of the images can be moved, and a vector is made from two iterators.
ImageSet read_idx_images(const std::string& images_path, const std::string& labels_path) {
  todo("08.1");
}

}  // namespace rushlight
