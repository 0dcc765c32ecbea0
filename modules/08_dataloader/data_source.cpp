// data_source.cpp: given. Where the images are.
#include "08_dataloader/fashion_mnist.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "01_tensor/error.hpp"

namespace rushlight {
namespace {

namespace fs = std::filesystem;

constexpr const char* installed_folder = "/usr/share/datasets/fashion-mnist";

// The file as it is distributed, zipped, or as whoever unzipped it left it. An empty path: neither.
fs::path path_of(const fs::path& folder, const std::string& name) {
  for (const char* ending : {".gz", ""}) {
    std::error_code ignored;
    if (fs::is_regular_file(folder / (name + ending), ignored)) return folder / (name + ending);
  }
  return {};
}

// The first file that is missing, or an empty string.
std::string missing_file(const fs::path& folder) {
  const auto missing = std::find_if(fashion_mnist_files.begin(), fashion_mnist_files.end(),
                                    [&](const char* name) { return path_of(folder, name).empty(); });
  return missing == fashion_mnist_files.end() ? "" : std::string(*missing) + ".gz";
}

bool same_folder(const fs::path& a, const fs::path& b) {
  std::error_code ignored;
  return fs::equivalent(a, b, ignored);
}

DataSource source_in(const fs::path& folder) { return {folder.string(), !same_folder(folder, embedded_data_folder())}; }

DataSource asked_for(const std::string& folder, const char* who) {
  for (const fs::path& place : {fs::path(folder), fs::path(folder) / "fashion-mnist"}) {
    if (missing_file(place).empty()) return source_in(place);
  }
  throw FileError("{}: there is no {} in this folder, which {} names, nor in its sub-folder fashion-mnist.",
                  {folder, missing_file(folder), who});
}

}  // namespace

std::string DataSource::describe() const {
  return formatted("{} in {}", {full ? "the full Fashion-MNIST" : "the embedded subset of Fashion-MNIST", folder});
}

std::string DataSource::path(const std::string& name) const {
  const fs::path found = path_of(folder, name);
  return (found.empty() ? fs::path(folder) / name : found).string();
}

std::string embedded_data_folder() {
  const fs::path here = fs::path(__FILE__).parent_path();  // modules/08_dataloader
  return (here.parent_path().parent_path() / "data" / "fashion-mnist-mini").lexically_normal().string();
}

DataSource find_fashion_mnist(const std::string& folder) {
  if (!folder.empty()) return asked_for(folder, "the option");
  if (const char* variable = std::getenv("RUSHLIGHT_DATA"); variable != nullptr && *variable != '\0') {
    return asked_for(variable, "RUSHLIGHT_DATA");
  }
  for (const std::string& place : {std::string(installed_folder), embedded_data_folder()}) {
    if (missing_file(place).empty()) return source_in(place);
  }
  throw FileError("Fashion-MNIST is neither in {} nor in {}. Install it:  sudo apt-get install dataset-fashion-mnist",
                  {installed_folder, embedded_data_folder()});
}

}  // namespace rushlight
