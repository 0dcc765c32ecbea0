// image_set.cpp: given. One image of many.
#include "01_tensor/error.hpp"
#include "08_dataloader/dataset.hpp"

namespace rushlight {

Image ImageSet::image(std::int64_t index) const {
  if (index < 0 || index >= size()) {
    throw IndexError("ImageSet: example {} is outside 0..{}.", {index, size() - 1});
  }
  const auto first = pixels.begin() + index * image_size();
  return {channels, height, width, Bytes(first, first + image_size())};
}

}  // namespace rushlight
