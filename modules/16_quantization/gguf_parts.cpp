// gguf_parts.cpp: given. The small pieces of a GGUF file.
#include <bit>
#include <cstring>

#include "16_quantization/gguf.hpp"

namespace rushlight {
namespace {

static_assert(std::endian::native == std::endian::little, "the file is little-endian, and so is what writes it here");

constexpr std::uint32_t type_u32 = 4, type_i32 = 5, type_f32 = 6, type_bool = 7, type_string = 8, type_array = 9;

template <class T>
T number_at(std::span<const std::uint8_t> bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof(T));
  return value;
}

template <class T>
void append(std::vector<std::uint8_t>& out, T value) {
  const std::size_t at = out.size();
  out.resize(at + sizeof(T));
  std::memcpy(out.data() + at, &value, sizeof(T));
}

}  // namespace

const char* name_of(GgufType type) {
  switch (type) {
    case GgufType::f32:
      return "f32";
    case GgufType::f16:
      return "f16";
    case GgufType::q4_0:
      return "q4_0";
    case GgufType::q8_0:
      return "q8_0";
  }
  return "unknown";
}

GgufType gguf_type_called(const std::string& name) {
  for (const GgufType type : {GgufType::f32, GgufType::f16, GgufType::q8_0, GgufType::q4_0}) {
    if (name == name_of(type)) return type;
  }
  throw ValueError("there is no type '{}': choose f32, f16, q8_0 or q4_0.", {name});
}

std::int64_t gguf_bytes(GgufType type, const Shape& shape) {
  if (type == GgufType::f32) return 4 * shape.numel();
  if (type == GgufType::f16) return 2 * shape.numel();
  if (shape.rank() == 0 || shape[shape.rank() - 1] % block_size != 0) {
    throw ShapeError("gguf: {} cannot be {}: the last axis is no multiple of {}.", {shape, name_of(type), block_size});
  }
  return shape.numel() / block_size * block_bytes(type == GgufType::q8_0 ? BlockType::q8_0 : BlockType::q4_0);
}

void GgufReader::reject(const std::string& reason) const {
  throw FileError("{}: at byte {}: {}", {file_, at_, reason});
}

std::span<const std::uint8_t> GgufReader::take(std::uint64_t size, const char* what) {
  if (size > left()) reject(formatted("{} should take {} bytes, but only {} are left.", {what, size, left()}));
  const auto part = bytes_.subspan(at_, static_cast<std::size_t>(size));
  at_ += static_cast<std::size_t>(size);
  return part;
}

std::uint32_t GgufReader::u32(const char* what) { return number_at<std::uint32_t>(take(4, what)); }
std::uint64_t GgufReader::u64(const char* what) { return number_at<std::uint64_t>(take(8, what)); }

std::uint64_t GgufReader::count(const char* what, std::uint64_t size) {
  const std::uint64_t wanted = u64(what);
  if (wanted > left() / size) {
    reject(formatted("{} is {}, and the {} bytes that are left cannot hold so many.", {what, wanted, left()}));
  }
  return wanted;
}

std::string GgufReader::string(const char* what) {
  const auto text = take(count(what, 1), what);
  return {text.begin(), text.end()};
}

GgufValue GgufReader::value(const std::string& key) {
  const std::uint32_t type = u32("the type of a value");
  const auto unknown = [&](std::uint32_t number) {
    reject(formatted("'{}' has type {}, which is not read here.", {key, number}));
  };
  if (type == type_u32) return u32("a u32");
  if (type == type_i32) return number_at<std::int32_t>(take(4, "an i32"));
  if (type == type_f32) return number_at<float>(take(4, "an f32"));
  if (type == type_string) return string("the length of a string");
  if (type == type_bool) {
    const std::uint8_t byte = take(1, "a bool")[0];
    if (byte > 1) reject(formatted("'{}' is a bool with the value {}.", {key, int{byte}}));
    return byte == 1;
  }
  if (type != type_array) unknown(type);
  const std::uint32_t element = u32("the type of an array's elements");
  if (element == type_string) {
    GgufStrings strings(count("the length of an array", 8));
    for (std::string& each : strings) each = string("the length of a string");
    return strings;
  }
  if (element == type_i32) {
    GgufInts ints(count("the length of an array", 4));
    for (std::int32_t& each : ints) each = number_at<std::int32_t>(take(4, "an i32"));
    return ints;
  }
  if (element != type_f32) unknown(element);
  GgufFloats floats(count("the length of an array", 4));
  for (float& each : floats) each = number_at<float>(take(4, "an f32"));
  return floats;
}

void GgufWriter::u32(std::uint32_t value) { append(out, value); }
void GgufWriter::u64(std::uint64_t value) { append(out, value); }

void GgufWriter::string(const std::string& text) {
  u64(text.size());
  out.insert(out.end(), text.begin(), text.end());
}

void GgufWriter::value(const GgufValue& value) {
  const auto scalar = [&](std::uint32_t type, auto number) {
    u32(type);
    append(out, number);
  };
  if (const auto* number = std::get_if<std::uint32_t>(&value)) scalar(type_u32, *number);
  if (const auto* number = std::get_if<std::int32_t>(&value)) scalar(type_i32, *number);
  if (const auto* number = std::get_if<float>(&value)) scalar(type_f32, *number);
  if (const auto* truth = std::get_if<bool>(&value)) scalar(type_bool, static_cast<std::uint8_t>(*truth));
  if (const auto* text = std::get_if<std::string>(&value)) {
    u32(type_string);
    string(*text);
  }
  const auto array = [&](std::uint32_t type, std::size_t count) {
    u32(type_array);
    u32(type);
    u64(count);
  };
  if (const auto* strings = std::get_if<GgufStrings>(&value)) {
    array(type_string, strings->size());
    for (const std::string& each : *strings) string(each);
  }
  if (const auto* ints = std::get_if<GgufInts>(&value)) {
    array(type_i32, ints->size());
    for (const std::int32_t each : *ints) append(out, each);
  }
  if (const auto* floats = std::get_if<GgufFloats>(&value)) {
    array(type_f32, floats->size());
    for (const float each : *floats) append(out, each);
  }
}

}  // namespace rushlight
