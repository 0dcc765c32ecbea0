// cifar10.cpp: records of one label and 3072 pixels.
#include "08_dataloader/cifar10.hpp"

#include <algorithm>

#include "01_tensor/error.hpp"
#include "01_tensor/todo.hpp"

namespace rushlight {

// 08.2 read_cifar10  paths -> images (N, 3, 32, 32), N labels;  record = label, 1024 red, 1024 green, 1024 blue
// Throws FileError through fail_at_offset, whichever file it is: empty, an incomplete last record (its offset), a label
// above 9 (its offset). No file at all gives no images.
// Hint: the planes stand in the file as they stand in an ImageSet: no pixel changes its place, only the labels go.
ImageSet read_cifar10(const std::vector<std::string>& paths) {
  todo("08.2");
}

// 08.2 write_cifar10  images (N, 3, 32, 32) -> a file that read_cifar10 reads back
// Throws ValueError, before anything is written, for no image at all, another shape, not as many images as labels, or a
// label outside 0..9.
// Hint: fill one Bytes, then write_bytes.
void write_cifar10(const std::string& path, const ImageSet& images) {
  todo("08.2");
}

// 08.2 to_cifar10  (N, 1, H, W) with H, W <= 32 -> (N, 3, 32, 32);  border above = (32 - H) / 2, rounded down
// Throws ValueError for images of more channels or pixels, or not as many as there are labels.
// Hint: start from black pixels and copy each row to its place in each of the three planes.
ImageSet to_cifar10(const ImageSet& grey) {
  todo("08.2");
}

}  // namespace rushlight
