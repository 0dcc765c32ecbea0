// safetensors_header.cpp: given. The header of a safetensors file as JSON and back, and arrays as bytes.
#include <array>
#include <bit>
#include <cstring>

#include "07_training/checkpoint.hpp"
#include "07_training/strict_json.hpp"

namespace rushlight {
namespace {

static_assert(std::endian::native == std::endian::little,
              "the file is little-endian, and bytes are copied as they are");

using nlohmann::json;

constexpr const char* metadata_key = "__metadata__";

struct DTypeName {
  DType dtype;
  const char* name;
  std::int64_t bytes;
};
constexpr std::array<DTypeName, 5> dtypes = {{{DType::f32, "F32", 4},
                                              {DType::f64, "F64", 8},
                                              {DType::i64, "I64", 8},
                                              {DType::u8, "U8", 1},
                                              {DType::i8, "I8", 1}}};

const DTypeName& describe(DType dtype) { return dtypes[static_cast<std::size_t>(dtype)]; }

[[noreturn]] void reject(const std::string& file, const std::string& reason) {
  throw FileError("{}: at byte 8, the header: {}", {file, reason});
}

DType read_dtype(const json& value, const std::string& name, const std::string& file) {
  const std::string wanted = value.is_string() ? value.get<std::string>() : value.dump();
  for (const DTypeName& each : dtypes) {
    if (wanted == each.name) return each.dtype;
  }
  reject(file, formatted("'{}' has dtype {}; known are F32, F64, I64, U8 and I8.", {name, wanted}));
}

Shape read_shape(const json& value, const std::string& name, const std::string& file) {
  if (!value.is_array()) reject(file, formatted("the shape of '{}' is not a list.", {name}));
  if (value.size() > Shape::max_rank) {
    reject(file, formatted("'{}' has {} axes; at most {} are supported.", {name, value.size(), Shape::max_rank}));
  }
  Shape shape;
  std::int64_t bytes = 8;  // the largest element: the product must fit in any case
  for (const json& size : value) {
    if (!size.is_number_unsigned() || size.get<std::uint64_t>() > INT64_MAX) {
      reject(file, formatted("the shape of '{}' has the size {}.", {name, size.dump()}));
    }
    shape.push_back(size.get<std::int64_t>());
    if (__builtin_mul_overflow(bytes, shape[shape.rank() - 1], &bytes)) {
      reject(file, formatted("the shape of '{}', {}, has more elements than can be counted.", {name, value.dump()}));
    }
  }
  return shape;
}

HeaderEntry read_entry(const std::string& name, const json& value, const std::string& file) {
  if (!value.is_object()) reject(file, formatted("'{}' is not an object.", {name}));
  for (const char* field : {"dtype", "shape", "data_offsets"}) {
    if (!value.contains(field)) reject(file, formatted("'{}' has no {}.", {name, field}));
  }
  const json& offsets = value["data_offsets"];
  if (!offsets.is_array() || offsets.size() != 2 || !offsets[0].is_number_unsigned() ||
      !offsets[1].is_number_unsigned()) {
    reject(file, formatted("the data_offsets of '{}' are {}; they must be two numbers.", {name, offsets.dump()}));
  }
  return {.name = name,
          .dtype = read_dtype(value["dtype"], name, file),
          .shape = read_shape(value["shape"], name, file),
          .begin = offsets[0].get<std::uint64_t>(),
          .end = offsets[1].get<std::uint64_t>()};
}

json parse_strictly(std::string_view text, const std::string& file) {
  try {
    return strict_json(text);
  } catch (const ValueError& error) {
    reject(file, error.what());
  }
}

// JSON is UTF-8, and what is not is refused before anything is written.
void check_text(const std::string& what, const std::string& text) {
  try {
    (void)json(text).dump();
  } catch (const json::exception& error) {
    throw ValueError("{} is not UTF-8 text ({}).", {what, error.what()});
  }
}

}  // namespace

std::int64_t bytes_of(DType dtype) { return describe(dtype).bytes; }
const char* name_of(DType dtype) { return describe(dtype).name; }

std::string header_json(const Header& header) {
  for (const HeaderEntry& entry : header.entries) {
    check_text("the name of a tensor", entry.name);
    if (entry.name == metadata_key) {
      throw ValueError("a tensor cannot be called '{}': that name belongs to the file's own metadata.", {entry.name});
    }
    const auto needed = static_cast<std::uint64_t>(entry.shape.numel() * bytes_of(entry.dtype));
    if (entry.end - entry.begin != needed) {
      throw ValueError("'{}' of shape {} takes {} bytes, and there are {}.",
                       {entry.name, entry.shape, needed, entry.end - entry.begin});
    }
  }
  for (const auto& [key, text] : header.metadata) {
    check_text("a metadata key", key);
    check_text("the metadata '" + key + "'", text);
  }
  nlohmann::ordered_json root = nlohmann::ordered_json::object();
  if (!header.metadata.empty()) root[metadata_key] = header.metadata;
  for (const HeaderEntry& entry : header.entries) {
    root[entry.name] = {{"dtype", describe(entry.dtype).name},
                        {"shape", std::vector<std::int64_t>(entry.shape.begin(), entry.shape.end())},
                        {"data_offsets", {entry.begin, entry.end}}};
  }
  return root.dump();
}

Header parse_header(std::string_view text, const std::string& file) {
  const json root = parse_strictly(text, file);
  if (!root.is_object()) reject(file, "not a JSON object.");
  Header header;
  for (const auto& [name, value] : root.items()) {
    if (name != metadata_key) {
      header.entries.push_back(read_entry(name, value, file));
      continue;
    }
    if (!value.is_object()) reject(file, "__metadata__ is not an object.");
    for (const auto& [key, text_value] : value.items()) {
      if (!text_value.is_string()) reject(file, formatted("the metadata '{}' is not a string.", {key}));
      header.metadata[key] = text_value.get<std::string>();
    }
  }
  return header;
}

StoredTensor store(const Array& array) {
  StoredTensor stored{.dtype = real_dtype, .shape = array.shape(), .bytes = {}};
  const Array here = array.cpu();
  const auto bytes = std::as_bytes(here.data());
  stored.bytes.resize(bytes.size());
  if (!bytes.empty()) std::memcpy(stored.bytes.data(), bytes.data(), bytes.size());
  return stored;
}

namespace {

template <class Number>
Array convert(const StoredTensor& stored) {
  Array array(stored.shape);
  const std::uint8_t* from = stored.bytes.data();
  for (Real& value : array.mutable_data()) {
    Number number;
    std::memcpy(&number, from, sizeof number);
    from += sizeof number;
    value = static_cast<Real>(number);
  }
  return array;
}

}  // namespace

Array load_array(const StoredTensor& stored) {
  if (static_cast<std::int64_t>(stored.bytes.size()) != stored.shape.numel() * bytes_of(stored.dtype)) {
    throw ValueError("load_array: shape {} with {} bytes.", {stored.shape, stored.bytes.size()});
  }
  if (stored.dtype == DType::f32) return convert<float>(stored);
  if (stored.dtype == DType::f64) return convert<double>(stored);
  throw ValueError("load_array: this tensor holds {}; an Array holds real numbers.", {describe(stored.dtype).name});
}

}  // namespace rushlight
