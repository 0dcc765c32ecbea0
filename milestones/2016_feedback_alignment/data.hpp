// data.hpp: what the network looks at: images in the form of CIFAR-10, 3 x 32 x 32 bytes in ten classes. The real thing
// where there is a folder of it; otherwise Fashion-MNIST, written the way CIFAR-10 would hold it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "08_dataloader/cifar10.hpp"
#include "08_dataloader/dataloader.hpp"

namespace rushlight::dfa {

struct Images {
  ImageSet train, test;
  Normalize normalize;   // what brings them to mean 0 and deviation 1
  std::string name;      // for reports: "cifar10", "fashion-mnist" or "fashion-mnist-mini"
  std::string describe;  // what and from where, for people
};

// A folder that holds data_batch_1.bin .. data_batch_5.bin and test_batch.bin is CIFAR-10, and an error if one of them
// is missing. Anything else is looked up as Fashion-MNIST is: the folder, RUSHLIGHT_DATA, the installed set, the
// embedded subset. Grey images of 28 x 28 get a black border of two and their one channel three times.
Images find_images(const std::string& folder);

// The first `count` images; all of them when there are fewer, or for 0.
ImageSet first_images(const ImageSet& images, std::int64_t count);

// The six files of CIFAR-10's binary version in `folder`, which is made if it is missing. find_images reads them back.
void write_records(const std::string& folder, const ImageSet& train, const ImageSet& test);

enum class Augment { no, crop_and_flip };

// Crop (32 out of 40 x 40, place drawn) and flip work on bytes, before anything is normalised: what a crop adds at the
// border is black, (0 - mean)/deviation, and not average grey. Then normalise and flatten to 3072 numbers.
Transforms transforms(const Normalize& normalize, Augment augment);

struct Loaders {
  std::unique_ptr<DataLoader> train;  // 128 a batch, shuffled
  std::unique_ptr<DataLoader> test;
  Batch held_out;  // the first 1024 test images: what directions are measured on
};

inline constexpr std::int64_t batch_size = 128;
inline constexpr std::int64_t held_out_size = 1024;

// Over any two data sets: the tests bring their own.
Loaders make_loaders(std::shared_ptr<const Dataset> train, std::shared_ptr<const Dataset> test, std::uint64_t seed);
Loaders make_loaders(Images images, Augment augment, std::uint64_t seed);  // the test images are never augmented

}  // namespace rushlight::dfa
