// lenet.hpp: the convolutional network of the milestone of 1998, which that of 2018 makes small.
#pragma once

#include <memory>
#include <utility>

#include "03_layers/activation_layers.hpp"
#include "03_layers/linear.hpp"
#include "03_layers/sequential.hpp"
#include "08_dataloader/fashion_mnist.hpp"
#include "09_spatial/spatial.hpp"

namespace rushlight::milestone {

// 1 x 28 x 28 -> 16 x 28 x 28 -> 16 x 14 x 14 -> 32 x 10 x 10 -> 32 x 5 x 5 -> 120 -> 84 -> 10. LeNet-5 had 6 and 16
// filters, sigmoids and average pools; relu and max pools train faster.
inline Sequential lenet(Generator& random) {
  return Sequential{Conv2d({.in = 1, .out = 16, .kernel = 5, .padding = 2}, random),
                    Relu(),
                    MaxPool2d(),
                    Conv2d({.in = 16, .out = 32, .kernel = 5}, random),
                    Relu(),
                    MaxPool2d(),
                    Flatten(),
                    Linear({.in = 800, .out = 120}, random),
                    Relu(),
                    Linear({.in = 120, .out = 84}, random),
                    Relu(),
                    Linear({.in = 84, .out = 10}, random)};
}

inline std::shared_ptr<ImageDataset> clothes(ImageSet images) {
  return std::make_shared<ImageDataset>(std::move(images), Transforms{.normalize = fashion_mnist_normalize()});
}

}  // namespace rushlight::milestone
