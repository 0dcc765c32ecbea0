// bytes.hpp: files as bytes. Given: opening, unzipping and complaining are plumbing; what the bytes mean is your part.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace rushlight {

using Bytes = std::vector<std::uint8_t>;

// The whole file. One that begins with gzip's mark (1f 8b) comes back unzipped, whatever its name; zeros behind the end of
// the gzip data, as tapes and some tools add them, are padding. Throws FileError with the path and the reason: not there,
// a folder, not readable, broken or truncated gzip, more than `most` bytes: 13 MB of gzip can hold 3 GB of zeros.
constexpr std::int64_t most_bytes = std::int64_t{1} << 30;
Bytes read_bytes(const std::string& path, std::int64_t most = most_bytes);

// Writes the whole file, or throws FileError with the path and the reason; a disk that fills up is noticed.
void write_bytes(const std::string& path, std::span<const std::uint8_t> bytes);

// FileError with the one form that all readers share: "PATH: offset 16: REASON".
[[noreturn]] void fail_at_offset(const std::string& path, std::int64_t offset, const std::string& reason);

// The same for text: "PATH: line 3: REASON". Lines count from 1.
[[noreturn]] void fail_at_line(const std::string& path, std::int64_t line, const std::string& reason);

}  // namespace rushlight
