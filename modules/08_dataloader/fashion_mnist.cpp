// fashion_mnist.cpp: given. The images, read by your reader.
#include "08_dataloader/fashion_mnist.hpp"

#include "08_dataloader/idx.hpp"

namespace rushlight {

ImageSet fashion_mnist(const DataSource& source, Split split) {
  const std::size_t first = split == Split::train ? 0 : 2;
  return read_idx_images(source.path(fashion_mnist_files[first]), source.path(fashion_mnist_files[first + 1]));
}

}  // namespace rushlight
