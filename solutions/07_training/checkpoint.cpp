// checkpoint.cpp: a length, a header, and the numbers. Reading trusts nothing.
#include "07_training/checkpoint.hpp"

#include <algorithm>

#include "01_tensor/todo.hpp"

namespace rushlight {
namespace {  // solution

constexpr std::size_t prefix = 8;  // bytes of the header's length

void put_length(std::vector<std::uint8_t>& out, std::uint64_t length) {
  for (std::size_t i = 0; i < prefix; ++i) out.push_back(static_cast<std::uint8_t>(length >> (8 * i)));
}

std::uint64_t get_length(std::span<const std::uint8_t> bytes) {
  std::uint64_t length = 0;
  for (std::size_t i = 0; i < prefix; ++i) length |= std::uint64_t{bytes[i]} << (8 * i);
  return length;
}

[[noreturn]] void reject(const std::string& file, std::uint64_t offset, const std::string& reason) {
  throw FileError("{}: at byte {}: {}", {file, offset, reason});
}

// The tensors' bytes must lie one after the other from 0 to the end of the data.
void check_layout(const std::vector<HeaderEntry>& entries, std::uint64_t data_start, std::uint64_t data_size,
                  const std::string& file) {
  std::vector<const HeaderEntry*> in_order;
  for (const HeaderEntry& e : entries) in_order.push_back(&e);
  std::sort(in_order.begin(), in_order.end(), [](const HeaderEntry* a, const HeaderEntry* b) {
    return a->begin != b->begin ? a->begin < b->begin : a->end < b->end;
  });
  std::uint64_t expected = 0;
  for (const HeaderEntry* entry : in_order) {
    const HeaderEntry& e = *entry;
    if (e.end < e.begin) {
      reject(file, data_start, formatted("'{}' ends at {}, before it begins at {}.", {e.name, e.end, e.begin}));
    }
    if (e.end > data_size) {
      reject(file, data_start,
             formatted("'{}' reaches to {} of the data, but there are only {} bytes: the file is "
                       "cut off or its header is wrong.",
                       {e.name, e.end, data_size}));
    }
    const auto wanted = static_cast<std::uint64_t>(e.shape.numel()) * static_cast<std::uint64_t>(bytes_of(e.dtype));
    if (e.end - e.begin != wanted) {
      reject(file, data_start + e.begin,
             formatted("'{}' of shape {} needs {} bytes, but has {}.", {e.name, e.shape, wanted, e.end - e.begin}));
    }
    if (e.begin < expected) {
      reject(file, data_start + e.begin, formatted("'{}' overlaps the tensor before it.", {e.name}));
    }
    if (e.begin > expected) {
      reject(file, data_start + expected,
             formatted("{} bytes before '{}' belong to no tensor.", {e.begin - expected, e.name}));
    }
    expected = e.end;
  }
  if (expected != data_size) {
    reject(file, data_start + expected, formatted("{} bytes after the last tensor.", {data_size - expected}));
  }
}

}  // namespace

// 07.5 encode_safetensors  content -> the bytes of the file: length, header, data
// Tensors in the order of the map; offsets count from the beginning of the data, begin of the first is 0. The header is
// padded with spaces until 8 + its length is a multiple of 8, and the length counts the padding. ValueError of header_json
// for a tensor whose bytes are more or fewer than its shape says.
// Hint: first collect the Header with running offsets, then header_json(header), then append everything.
std::vector<std::uint8_t> encode_safetensors(const SafeTensors& content) {
  Header header{.entries = {}, .metadata = content.metadata};
  std::uint64_t offset = 0;
  for (const auto& [name, tensor] : content.tensors) {
    const std::uint64_t end = offset + tensor.bytes.size();
    header.entries.push_back({.name = name, .dtype = tensor.dtype, .shape = tensor.shape, .begin = offset, .end = end});
    offset = end;
  }
  std::string json = header_json(header);
  while ((prefix + json.size()) % 8 != 0) json += ' ';

  std::vector<std::uint8_t> out;
  out.reserve(prefix + json.size() + offset);
  put_length(out, json.size());
  out.insert(out.end(), json.begin(), json.end());
  for (const auto& [name, tensor] : content.tensors) out.insert(out.end(), tensor.bytes.begin(), tensor.bytes.end());
  return out;
}

// 07.5 decode_safetensors  bytes, the file's name for messages -> content;  FileError (file, offset, reason; of a tensor that
// does not fit also its name) for whatever breaks the layout. Check in this order: 8 bytes are there; the header's length
// fits the file; parse_header; every tensor's offsets.
// Hint: compare lengths with what is left (length > size - 8): a sum such as 8 + length may wrap around.
SafeTensors decode_safetensors(std::span<const std::uint8_t> bytes, const std::string& file) {
  if (bytes.size() < prefix) {
    reject(file, bytes.size(), formatted("the file ends here, inside the header's length of {} bytes.", {prefix}));
  }
  const std::uint64_t length = get_length(bytes);
  if (length > bytes.size() - prefix) {
    reject(file, 0,
           formatted("the header should have {} bytes, but only {} follow: the file is cut off, or it is not "
                     "a safetensors file.",
                     {length, bytes.size() - prefix}));
  }
  const auto json = bytes.subspan(prefix, length);
  const auto data = bytes.subspan(prefix + length);
  const Header header = parse_header({reinterpret_cast<const char*>(json.data()), json.size()}, file);
  check_layout(header.entries, prefix + length, data.size(), file);

  SafeTensors content{.tensors = {}, .metadata = header.metadata};
  for (const HeaderEntry& e : header.entries) {
    const auto part = data.subspan(e.begin, e.end - e.begin);
    content.tensors[e.name] = {.dtype = e.dtype, .shape = e.shape, .bytes = {part.begin(), part.end()}};
  }
  return content;
}

}  // namespace rushlight
