// cifar10.hpp: the binary version of CIFAR-10 (A. Krizhevsky, 2009). A file is a row of records of 3073 bytes:
//
//   offset 0      the label, 0..9
//   offset 1      1024 bytes of red, 32 x 32, row by row
//   offset 1025   1024 bytes of green
//   offset 2049   1024 bytes of blue
//
// The original has data_batch_1.bin .. data_batch_5.bin and test_batch.bin with 10,000 records each.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "08_dataloader/dataset.hpp"

namespace rushlight {

constexpr std::int64_t cifar10_side = 32;
constexpr std::int64_t cifar10_pixels = 3 * cifar10_side * cifar10_side;
constexpr std::int64_t cifar10_record = 1 + cifar10_pixels;

// --- 08.2, written by you in cifar10.cpp ----------------------------------------------------------------------

// All records of all files, in order; no file at all gives no images. Throws FileError with path, offset and reason: a
// file without a record, an incomplete last record (the offset where it begins), a label above 9 (the offset of the label).
ImageSet read_cifar10(const std::vector<std::string>& paths);

// Writes the same format. Throws ValueError (and writes nothing) unless there is an image, the images are 3 x 32 x 32, as
// many as there are labels, and every label is 0..9; FileError when the file cannot be written.
void write_cifar10(const std::string& path, const ImageSet& images);

// Grey images of at most 32 x 32 as CIFAR-10 would hold them: centred on black (an odd pixel goes to the bottom or
// right), the one channel repeated three times. So 28 x 28 gets a border of two. Throws ValueError for other images, or
// not as many as there are labels.
ImageSet to_cifar10(const ImageSet& grey);

// --- given --------------------------------------------------------------------------------------------------------

enum class Split : std::uint8_t { train, test };

// The files of `folder`, with the names above. Throws FileError that names the first one missing.
ImageSet cifar10(const std::string& folder, Split split);

}  // namespace rushlight
