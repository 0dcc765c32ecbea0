// folder.hpp: where a program's files go.
#pragma once

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <system_error>

#include "01_tensor/error.hpp"

namespace rushlight::milestone {

// The folder that is wanted, made if need be; for an empty name one that is gone when this goes out of scope.
class Folder {
 public:
  explicit Folder(const std::string& wanted) : path_(wanted), temporary_(wanted.empty()) {
    if (temporary_) {
      path_ = (std::filesystem::temp_directory_path() / "rushlight-XXXXXX").string();
      if (::mkdtemp(path_.data()) == nullptr) {
        throw FileError("{}: cannot make a folder: {}.", {path_, std::strerror(errno)});
      }
    }
    std::filesystem::create_directories(path_);
  }
  ~Folder() {
    std::error_code ignored;  // nobody misses what is left in a folder for temporary files
    if (temporary_) std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
  bool temporary_;
};

}  // namespace rushlight::milestone
