// atomic_file.cpp: given. Files that are replaced as a whole or not at all.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "07_training/checkpoint.hpp"

namespace rushlight {
namespace {

[[noreturn]] void fail(const std::string& path, const char* what, int error) {
  throw FileError("{}: cannot {}: {}.", {path, what, std::strerror(error)});
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }
  int close() { return ::close(std::exchange(number_, -1)); }

 private:
  int number_;
};

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// 0, or the error.
int write_all(int file, std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return 0;
}

}  // namespace

void write_file(const std::string& path, std::span<const std::uint8_t> bytes) {
  const std::string partial = path + ".partial";
  Descriptor file(::open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (file.get() < 0) fail(path, "create a file beside it", errno);
  int error = write_all(file.get(), bytes);
  if (error == 0 && ::fsync(file.get()) != 0) error = errno;  // the bytes are on the disk before the name is
  if (file.close() != 0 && error == 0) error = errno;
  if (error == 0 && ::rename(partial.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) {
    ::unlink(partial.c_str());
    throw FileError(
        "{}: cannot write {} bytes: {}. What was there before is untouched; make room or choose "
        "another folder, and save again.",
        {path, bytes.size(), std::strerror(error)});
  }
  const Descriptor folder(::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() >= 0) ::fsync(folder.get());  // so that the new name survives a power cut
}

std::vector<std::uint8_t> read_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) fail(path, "open it", errno);
  struct stat info = {};
  if (::fstat(file.get(), &info) != 0) fail(path, "look at it", errno);
  if (!S_ISREG(info.st_mode)) throw FileError("{}: this is not a file.", {path});
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(info.st_size));
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got = ::read(file.get(), bytes.data() + done, bytes.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(path, "read it", errno);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

void save_safetensors(const std::string& path, const SafeTensors& content) {
  write_file(path, encode_safetensors(content));
}

SafeTensors load_safetensors(const std::string& path) { return decode_safetensors(read_file(path), path); }

}  // namespace rushlight
