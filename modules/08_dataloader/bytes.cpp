// bytes.cpp: given. Files, zlib, and the form of an error.
#include "08_dataloader/bytes.hpp"

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "01_tensor/error.hpp"

namespace rushlight {
namespace {

constexpr std::size_t chunk_size = 1 << 18;

struct Closer {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Closer>;

[[noreturn]] void fail_errno(const std::string& path, const char* what) {
  throw FileError("{}: {}: {}.", {path, what, std::strerror(errno)});
}

void check_size(const std::string& path, std::size_t bytes, std::int64_t most) {
  if (static_cast<std::int64_t>(bytes) <= most) return;
  throw FileError("{}: it holds more than {} bytes, and no more are read.", {path, most});
}

Bytes read_raw(const std::string& path, std::int64_t most) {
  if (std::error_code ignored; std::filesystem::is_directory(path, ignored)) {
    throw FileError("{}: this is a folder, and a file is needed.", {path});
  }
  const File file(std::fopen(path.c_str(), "rb"));
  if (!file) fail_errno(path, "cannot be opened");
  Bytes bytes;
  std::size_t got = 0;
  do {
    const std::size_t before = bytes.size();
    bytes.resize(before + chunk_size);
    got = std::fread(bytes.data() + before, 1, chunk_size, file.get());
    bytes.resize(before + got);
    check_size(path, bytes.size(), most);
  } while (got == chunk_size);
  if (std::ferror(file.get())) fail_errno(path, "cannot be read");
  return bytes;
}

bool is_gzip(const Bytes& bytes) { return bytes.size() >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b; }

struct Inflater {
  Inflater() {
    if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK) throw std::bad_alloc();  // 16: a gzip header
  }
  ~Inflater() { inflateEnd(&stream); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  z_stream stream{};
};

bool is_padding(std::span<const std::uint8_t> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

Bytes gunzip(const std::string& path, const Bytes& zipped, std::int64_t most) {
  Inflater inflater;
  z_stream& stream = inflater.stream;
  Bytes chunk(chunk_size);
  Bytes bytes;
  std::size_t given = 0;  // a z_stream counts in 32 bits
  int status = Z_OK;
  while (status != Z_STREAM_END) {
    if (stream.avail_in == 0) {
      stream.next_in = const_cast<Bytef*>(zipped.data() + given);
      stream.avail_in = static_cast<uInt>(std::min(zipped.size() - given, chunk_size));
      given += stream.avail_in;
    }
    stream.next_out = chunk.data();
    stream.avail_out = static_cast<uInt>(chunk.size());
    status = inflate(&stream, Z_NO_FLUSH);
    const auto offset = static_cast<std::int64_t>(given - stream.avail_in);
    bytes.insert(bytes.end(), chunk.begin(), chunk.end() - stream.avail_out);
    check_size(path, bytes.size(), most);
    if (status == Z_BUF_ERROR) fail_at_offset(path, offset, "the gzip data ends too early; the file is cut short");
    if (status != Z_OK && status != Z_STREAM_END) {
      fail_at_offset(path, offset, formatted("broken gzip data ({})", {stream.msg ? stream.msg : "no reason given"}));
    }
    if (status != Z_STREAM_END || is_padding(std::span(zipped).subspan(given - stream.avail_in))) continue;
    if (inflateReset(&stream) == Z_OK) status = Z_OK;  // files may be concatenated
  }
  return bytes;
}

}  // namespace

Bytes read_bytes(const std::string& path, std::int64_t most) {
  Bytes bytes = read_raw(path, most);
  return is_gzip(bytes) ? gunzip(path, bytes, most) : bytes;
}

void write_bytes(const std::string& path, std::span<const std::uint8_t> bytes) {
  File file(std::fopen(path.c_str(), "wb"));
  if (!file) fail_errno(path, "cannot be written");
  if (std::fwrite(bytes.data(), 1, bytes.size(), file.get()) != bytes.size()) fail_errno(path, "cannot be written");
  if (std::fclose(file.release()) != 0) fail_errno(path, "cannot be written");  // a full disk may show only here
}

void fail_at_offset(const std::string& path, std::int64_t offset, const std::string& reason) {
  throw FileError("{}: offset {}: {}.", {path, offset, reason});
}

void fail_at_line(const std::string& path, std::int64_t line, const std::string& reason) {
  throw FileError("{}: line {}: {}.", {path, line, reason});
}

}  // namespace rushlight
