// images.hpp: an image whose pixels are told apart by their values.
#pragma once

#include "08_dataloader/dataset.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {

inline Image numbered_image(std::int64_t channels, std::int64_t height, std::int64_t width) {
  Image image{channels, height, width, Bytes(static_cast<std::size_t>(channels * height * width))};
  for (std::size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = static_cast<std::uint8_t>(1 + i % 255);
  return image;
}

}  // namespace rushlight::test
