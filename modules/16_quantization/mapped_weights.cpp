// mapped_weights.cpp: given.
#include "16_quantization/mapped_weights.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <utility>

#include "16_quantization/quantized_parts.hpp"

namespace rushlight {
namespace {

using Parts = std::map<std::string, std::span<const std::uint8_t>>;  // an entry's bytes, in the file

// The header and where each entry lies, checked as decode_safetensors checks: data without gaps, overlaps or a rest.
Header header_of(std::span<const std::uint8_t> bytes, const std::string& path, Parts& parts) {
  std::uint64_t length = 0;
  if (bytes.size() < 8) throw FileError("{}: offset 0: shorter than 8 bytes.", {path});
  std::memcpy(&length, bytes.data(), 8);
  if (length > bytes.size() - 8) throw FileError("{}: offset 0: a header longer than the file.", {path});
  Header header = parse_header({reinterpret_cast<const char*>(bytes.data()) + 8, length}, path);
  const auto data = bytes.subspan(8 + length);
  std::ranges::sort(header.entries, {}, [](const HeaderEntry& entry) { return std::pair(entry.begin, entry.end); });
  std::uint64_t at = 0;
  for (const HeaderEntry& entry : header.entries) {
    const auto size = static_cast<std::uint64_t>(bytes_of(entry.dtype) * entry.shape.numel());
    if (entry.begin != at || entry.end < at || entry.end > data.size() || entry.end - at != size) {
      throw FileError("{}: offset {}: '{}' should begin here and have {} bytes.",
                      {path, 8 + length + at, entry.name, size});
    }
    parts[entry.name] = data.subspan(at, size);
    at = entry.end;
  }
  if (at != data.size())
    throw FileError("{}: offset {}: {} bytes are left over.", {path, 8 + length + at, data.size() - at});
  return header;
}

bool is_mapped(const Header& header, const std::string& name) {
  const auto format = header.metadata.find("quantized." + name);
  return format != header.metadata.end() && format->second != "int8";
}

// Everything but the bytes of the weights that stay in the file.
SafeTensors copied(const Header& header, const Parts& parts) {
  SafeTensors state{.tensors = {}, .metadata = header.metadata};
  for (const HeaderEntry& entry : header.entries) {
    StoredTensor& tensor = state.tensors[entry.name];
    tensor = {.dtype = entry.dtype, .shape = entry.shape, .bytes = {}};
    const auto part = parts.at(entry.name);
    if (!is_mapped(header, entry.name)) tensor.bytes.assign(part.begin(), part.end());
  }
  return state;
}

MappedWeight mapped_weight(const std::shared_ptr<const MappedFile>& file, const Parts& parts, SafeTensors& left,
                           const std::string& path, const Shape& shape, BlockType type) {
  const Shape in_file = blocks_shape(path, shape, type);
  const auto entry = left.tensors.find(path);
  if (entry == left.tensors.end()) throw ValueError("quantized file: '{}' is missing.", {path});
  if (entry->second.dtype != DType::u8 || entry->second.shape != in_file) {
    throw ValueError("quantized file: '{}' is {}; needs U8 {}.", {path, entry->second.shape, in_file});
  }
  left.tensors.erase(entry);
  MappedWeight weight{.file = file, .type = type, .shape = shape, .blocks = parts.at(path)};
  check_block_scales(path, weight.blocks, type);
  return weight;
}

// A row of the table is as many blocks as one of the matrix: it is copied, and made floats of, when it is asked for.
std::function<Tensor(const Indices&)> look_up(const MappedWeight& weight) {
  return [weight](const Indices& ids) -> Tensor {
    const Indices here = ids.to(Device::cpu);
    const std::int64_t count = weight.shape[0];
    const std::size_t row = weight.blocks.size() / static_cast<std::size_t>(std::max<std::int64_t>(1, count));
    BlockTensor rows{.type = weight.type, .shape = ids.shape(), .bytes = {}};
    rows.shape.push_back(weight.shape[1]);
    for (const std::int32_t id : here.data()) {
      if (id < 0 || id >= count) throw IndexError("mapped table: id {} is outside 0 to {}.", {id, count - 1});
      const auto from = weight.blocks.subspan(static_cast<std::size_t>(id) * row, row);
      rows.bytes.insert(rows.bytes.end(), from.begin(), from.end());
    }
    return dequantize(rows);
  };
}

[[noreturn]] Arrays refuse_backward(const Backward&) {
  throw GraphError("quantized_linear: its weight is a file's, rounded, and nothing in it can be trained.");
}

}  // namespace

MappedFile::MappedFile(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat about {};
  const bool known = file >= 0 && fstat(file, &about) == 0;
  const auto size = known ? static_cast<std::size_t>(about.st_size) : 0;
  void* const at = size > 0 ? mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0) : nullptr;
  const int reason = errno;
  if (file >= 0) close(file);  // the mapping keeps what it needs
  if (!known || at == MAP_FAILED) throw FileError("{}: {}.", {path, std::strerror(reason)});
  bytes_ = {static_cast<const std::uint8_t*>(at), size};
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) munmap(const_cast<std::uint8_t*>(bytes_.data()), bytes_.size());
}

MappedLinear::MappedLinear(MappedWeight weight, const Tensor& bias)
    : weight_(std::move(weight)), bias_(bias.defined() ? Tensor(bias.value()) : Tensor()) {}

Tensor MappedLinear::forward(const Tensor& x) {
  const std::int64_t outputs = weight_.shape[0], inputs = weight_.shape[1];
  if (x.rank() == 0 || x.dim(-1) != inputs) {
    throw ShapeError("MappedLinear: x {} and weight {} do not fit: needs x (..., {}).",
                     {x.shape(), weight_.shape, inputs});
  }
  Shape out = x.shape();
  out[out.rank() - 1] = outputs;
  const std::vector<float> from = floats_of(x.value());
  std::vector<float> to(static_cast<std::size_t>(out.numel()));
  block_product({.type = weight_.type,
                 .x = from.data(),
                 .blocks = weight_.blocks.data(),
                 .y = to.data(),
                 .m = inputs == 0 ? 0 : x.size() / inputs,
                 .n = outputs,
                 .k = inputs});
  Array y(out, std::vector<Real>(to.begin(), to.end()));
  if (bias_.defined()) y = y + bias_.value().cpu();
  return record("quantized_linear", y, {x}, Save::nothing, refuse_backward);
}

void MappedLinear::members(Members& m) { m.buffer("bias", bias_); }

void map_quantized(const std::string& path, Module& model) {
  const auto file = std::make_shared<const MappedFile>(path);
  Parts parts;
  const Header header = header_of(file->bytes(), path, parts);
  const auto read = [&](SafeTensors& left, const std::string& name, const Shape& shape, WeightFormat format) {
    if (format == WeightFormat::int8) return read_in_memory(left, name, shape, format);
    const MappedWeight weight = mapped_weight(file, parts, left, name, shape, block_type_of(format));
    return SmallWeight{.linear = [weight](const Tensor& bias) { return std::make_shared<MappedLinear>(weight, bias); },
                       .look_up = look_up(weight)};
  };
  try {
    put_small_layers(model, copied(header, parts), read);
  } catch (const Error& error) {
    throw FileError("{}: {}", {path, error.what()});
  }
}

}  // namespace rushlight
