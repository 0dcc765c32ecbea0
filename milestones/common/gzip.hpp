// gzip.hpp: a compressed file's bytes, for programs that run before module 08 is written.
#pragma once

#include <zlib.h>

#include <memory>
#include <string>

#include "01_tensor/error.hpp"
#include "08_dataloader/transforms.hpp"

namespace rushlight::milestone {

// Throws FileError when the file cannot be read to its end.
inline Bytes gunzip(const std::string& path) {
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rb"), gzclose);
  if (!file) throw FileError("{}: cannot be opened.", {path});
  Bytes bytes;
  Bytes block(1 << 16);
  int got = 0;
  while ((got = gzread(file.get(), block.data(), static_cast<unsigned>(block.size()))) > 0) {
    bytes.insert(bytes.end(), block.begin(), block.begin() + got);
  }
  if (got < 0) throw FileError("{}: cannot be unpacked.", {path});
  return bytes;
}

}  // namespace rushlight::milestone
