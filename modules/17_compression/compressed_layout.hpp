// compressed_layout.hpp: given. What the writer and the reader of a compressed file have in common; compressed_file.hpp
// draws the layout.
#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <string_view>

namespace rushlight::compressed {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they lie in memory");

inline constexpr std::string_view mark = "RLHC";
inline constexpr std::size_t header_size = 14;
inline constexpr std::uint32_t most_values = 65536;

inline std::uint32_t crc32(std::span<const std::uint8_t> bytes) {
  std::uint32_t crc = 0xffffffff;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc;
}

}  // namespace rushlight::compressed
