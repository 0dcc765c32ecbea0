// checkpoint.hpp: named arrays in a file that others can read: the safetensors layout.
//
//   bytes 0..7        N, the length of the header: unsigned, little-endian
//   bytes 8..8+N-1    the header, JSON, padded with spaces so that 8 + N is a multiple of 8:
//                       {"__metadata__": {"key": "value", ...},
//                        "fc1.weight": {"dtype": "F32", "shape": [64, 784], "data_offsets": [0, 200704]}, ...}
//   bytes 8+N..       the data: row-major, little-endian, offsets counted from here; no gaps, no overlaps, no rest
//
// Python reads it with safetensors.numpy.load_file(path). It holds no code, so opening a stranger's file is safe.
// Source: the format's description at huggingface/safetensors.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "01_tensor/array.hpp"

namespace rushlight {

enum class DType : std::uint8_t { f32, f64, i64, u8, i8 };

std::int64_t bytes_of(DType dtype);  // 4, 8, 8, 1, 1
const char* name_of(DType dtype);    // as in the header: "F32", "F64", "I64", "U8", "I8"
constexpr DType real_dtype = sizeof(Real) == 8 ? DType::f64 : DType::f32;

// A tensor as it lies in a file.
struct StoredTensor {
  DType dtype = real_dtype;
  Shape shape;
  std::vector<std::uint8_t> bytes;  // little-endian, row-major

  bool operator==(const StoredTensor&) const = default;
};

// Everything in a file.
struct SafeTensors {
  std::map<std::string, StoredTensor> tensors;
  std::map<std::string, std::string> metadata;

  bool operator==(const SafeTensors&) const = default;
};

StoredTensor store(const Array& array);        // real_dtype
Array load_array(const StoredTensor& stored);  // f32 or f64, converted to Real; ValueError for integers

// One line of the header. Offsets are counted from the beginning of the data.
struct HeaderEntry {
  std::string name;
  DType dtype = real_dtype;
  Shape shape;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};
struct Header {
  std::vector<HeaderEntry> entries;
  std::map<std::string, std::string> metadata;
};

// The header as JSON and back: given, since parsing JSON is not what this module is about. parse_header throws
// FileError that names `file`: not JSON, a field missing or of the wrong type, an unknown dtype, a negative size, more
// than 8 axes, sizes whose product does not fit 63 bits, a name that stands there twice. header_json throws ValueError
// for what such a file cannot hold: a tensor called "__metadata__", one with more or fewer bytes than its shape says, a
// name or metadata that is not UTF-8.
std::string header_json(const Header& header);
Header parse_header(std::string_view json, const std::string& file);

// --- 07.5 (checkpoint.cpp) ----------------------------------------------------------------------------------------

// The bytes of the file, tensors in the order of their names.
std::vector<std::uint8_t> encode_safetensors(const SafeTensors& content);

// The inverse. Throws FileError that names `file`, the offset and the reason for every file that breaks the layout:
// shorter than 8 bytes, a header longer than the file, offsets that run backwards, outside the data, over each other or
// leave a gap, data whose length is not what dtype and shape say, bytes left over. Never reads outside `bytes`.
SafeTensors decode_safetensors(std::span<const std::uint8_t> bytes, const std::string& file);

// --- given (atomic_file.cpp) --------------------------------------------------------------------------------------

// Replaces the file at `path`, or leaves it exactly as it was: the bytes go to "<path>.partial" in the same folder, are
// forced to the disk, and only then take the name (rename is atomic). A crash, kill -9 or a full disk at any moment
// leaves the old file whole. Throws FileError that names the file and the reason, such as "No space left on device".
void write_file(const std::string& path, std::span<const std::uint8_t> bytes);
std::vector<std::uint8_t> read_file(const std::string& path);  // FileError if it cannot

void save_safetensors(const std::string& path, const SafeTensors& content);  // write_file of encode_safetensors
SafeTensors load_safetensors(const std::string& path);                       // decode_safetensors of read_file

}  // namespace rushlight
