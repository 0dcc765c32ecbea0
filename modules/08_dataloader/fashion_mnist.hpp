// fashion_mnist.hpp: the course's real images: 28 x 28 grey photographs of clothes in ten classes (Xiao, Rasul and
// Vollgraf, "Fashion-MNIST", 2017; MIT licence, Zalando SE). Given.
//
// The full set has 60,000 + 10,000 images and comes with Debian's package dataset-fashion-mnist. A subset of 5,000 +
// 1,000, balanced, lies in data/fashion-mnist-mini and is used where the full set is not installed. Nothing is ever
// made up: where neither is found, an error says where we looked.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "08_dataloader/cifar10.hpp"
#include "08_dataloader/dataset.hpp"

namespace rushlight {

inline constexpr std::array<const char*, 10> fashion_mnist_classes{
    "T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"};

// Images and labels for training, then those for the test.
inline constexpr std::array fashion_mnist_files{"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                                                "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"};

struct DataSource {
  std::string folder;
  bool full = false;                                // false: the embedded subset
  std::string describe() const;                     // "the full Fashion-MNIST in /usr/share/datasets/fashion-mnist"
  std::string path(const std::string& name) const;  // of one of the files: zipped (.gz), or as somebody unzipped it
};

// Where the images are: `folder` if given (the --data option), else the environment's RUSHLIGHT_DATA, else
// /usr/share/datasets/fashion-mnist, else the embedded subset. A folder that was asked for must hold the four files,
// zipped (.gz) or not, in itself or in its sub-folder fashion-mnist: otherwise FileError, and no falling back.
DataSource find_fashion_mnist(const std::string& folder = "");

std::string embedded_data_folder();  // data/fashion-mnist-mini of this source tree

// Reads one split: .full says nothing about what is in it, the files do.
ImageSet fashion_mnist(const DataSource& source, Split split);

}  // namespace rushlight
