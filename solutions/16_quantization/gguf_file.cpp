// gguf_file.cpp: the bytes of a file of llama.cpp, written and read.
#include <algorithm>
#include <set>

#include "01_tensor/todo.hpp"
#include "16_quantization/gguf.hpp"

namespace rushlight {
namespace {  // solution

GgufType read_type(GgufReader& in) {
  const std::uint32_t number = in.u32("a tensor's type");
  for (const GgufType type : {GgufType::f32, GgufType::f16, GgufType::q4_0, GgufType::q8_0}) {
    if (number == static_cast<std::uint32_t>(type)) return type;
  }
  in.reject(formatted("a tensor of type {}, which is not read here.", {number}));
}

Shape read_shape(GgufReader& in) {
  const std::uint32_t axes = in.u32("the number of axes");
  if (axes > 4) in.reject(formatted("a tensor with {} axes; there are at most 4.", {axes}));
  std::vector<std::int64_t> sizes;
  std::int64_t bytes = 4;
  for (std::uint32_t i = 0; i < axes; ++i) {
    const std::uint64_t size = in.u64("a size");
    const auto factor =
        static_cast<std::int64_t>(std::max<std::uint64_t>(size, 1));  // a zero would hide what follows it
    if (size > INT64_MAX || __builtin_mul_overflow(bytes, factor, &bytes)) {
      in.reject("a tensor with more numbers than can be counted.");
    }
    sizes.push_back(static_cast<std::int64_t>(size));
  }
  Shape shape;
  for (auto size = sizes.rbegin(); size != sizes.rend(); ++size) shape.push_back(*size);
  return shape;
}

struct Listed {
  GgufTensor tensor;
  std::uint64_t offset;
};

Listed read_listed(GgufReader& in) {
  Listed listed;
  listed.tensor.name = in.string("the length of a name");
  listed.tensor.shape = read_shape(in);
  listed.tensor.type = read_type(in);
  listed.offset = in.u64("an offset");
  return listed;
}

void skip_to_alignment(GgufReader& in) {
  while (in.at() % gguf_alignment != 0) {
    if (in.take(1, "a zero that fills up")[0] != 0) in.reject("what fills up to a multiple of 32 is not zero.");
  }
}

std::int64_t checked_bytes(GgufReader& in, const GgufTensor& tensor) {
  try {
    return gguf_bytes(tensor.type, tensor.shape);
  } catch (const Error& error) {
    in.reject(error.what());
  }
}
}  // namespace

// 16.9 encode_gguf  metadata and tensors -> the bytes of the file, as gguf.hpp draws it
// ValueError that names the tensor whose bytes are not as many as gguf_bytes says (and how many they are) or that has more
// than 4 axes, or the 'name' or key that is there twice.
// Hint: an offset counts from the end of the head, so it is known before the head is written: the sum of what went before,
// each rounded up to a multiple of 32. The file ends aligned, too.
std::vector<std::uint8_t> encode_gguf(const Gguf& content) {
  GgufWriter file;
  file.bytes(std::vector<std::uint8_t>{'G', 'G', 'U', 'F'});
  file.u32(gguf_version);
  file.u64(content.tensors.size());
  file.u64(content.metadata.size());
  std::set<std::string> keys, names;
  for (const auto& [key, value] : content.metadata) {
    if (!keys.insert(key).second) throw ValueError("encode_gguf: the key '{}' is there twice.", {key});
    file.string(key);
    file.value(value);
  }
  std::uint64_t offset = 0;
  for (const GgufTensor& tensor : content.tensors) {
    if (!names.insert(tensor.name).second) throw ValueError("encode_gguf: two tensors are '{}'.", {tensor.name});
    const auto size = static_cast<std::uint64_t>(gguf_bytes(tensor.type, tensor.shape));
    if (tensor.bytes.size() != size) {
      throw ValueError("encode_gguf: '{}' has {} bytes, but {} as {} take {}.",
                       {tensor.name, tensor.bytes.size(), tensor.shape, name_of(tensor.type), size});
    }
    if (tensor.shape.rank() > 4) throw ValueError("encode_gguf: '{}' has more than 4 axes.", {tensor.name});
    file.string(tensor.name);
    file.u32(static_cast<std::uint32_t>(tensor.shape.rank()));
    for (int axis = tensor.shape.rank() - 1; axis >= 0; --axis)
      file.u64(static_cast<std::uint64_t>(tensor.shape[axis]));
    file.u32(static_cast<std::uint32_t>(tensor.type));
    file.u64(offset);
    offset += (size + gguf_alignment - 1) / gguf_alignment * gguf_alignment;
  }
  file.align();
  for (const GgufTensor& tensor : content.tensors) {
    file.bytes(tensor.bytes);
    file.align();
  }
  return file.out;
}

// 16.9 decode_gguf  the bytes of a file -> metadata and tensors
// FileError, by in.reject, for everything that gguf.hpp lists. Messages name what was read ("the magic", "the number of
// tensors", "the number of keys", "the length of a key") or what is wrong: "GGUF" or the version, the 'name' that is there
// twice, the "offset", the "alignment", sizes that cannot be "counted" (4 bytes a number, in 63 bits, zeros left out),
// filling that is "not zero", bytes "left over".
// Hint: GgufReader never reads behind the end, and count() asks beforehand whether so many things can be there: a key
// takes at least 12 bytes, a tensor of the list 24.
Gguf decode_gguf(std::span<const std::uint8_t> bytes, const std::string& file) {
  GgufReader in(bytes, file);
  const auto magic = in.take(4, "the magic");
  if (std::string(magic.begin(), magic.end()) != "GGUF")
    in.reject("this is no GGUF file: it does not begin with GGUF.");
  if (const std::uint32_t version = in.u32("the version"); version != gguf_version) {
    in.reject(formatted("version {}; version {} is read here.", {version, gguf_version}));
  }
  const std::uint64_t tensor_count = in.count("the number of tensors", 24);
  const std::uint64_t key_count = in.count("the number of keys", 12);
  Gguf content;
  std::set<std::string> keys, names;
  for (std::uint64_t i = 0; i < key_count; ++i) {
    const std::string key = in.string("the length of a key");
    if (!keys.insert(key).second) in.reject(formatted("the key '{}' stands there twice.", {key}));
    content.metadata.emplace_back(key, in.value(key));
    if (key == "general.alignment" && content.metadata.back().second != GgufValue(std::uint32_t{gguf_alignment})) {
      in.reject("an alignment other than 32.");
    }
  }
  std::vector<Listed> listed;
  for (std::uint64_t i = 0; i < tensor_count; ++i) {
    listed.push_back(read_listed(in));
    const std::string& name = listed.back().tensor.name;
    if (!names.insert(name).second) in.reject(formatted("two tensors are called '{}'.", {name}));
  }
  skip_to_alignment(in);
  const std::size_t start = in.at();
  for (Listed& each : listed) {
    if (each.offset != in.at() - start) {
      in.reject(formatted("'{}' should be at offset {}, and the list says {}.",
                          {each.tensor.name, in.at() - start, each.offset}));
    }
    const auto part = in.take(static_cast<std::uint64_t>(checked_bytes(in, each.tensor)), "a tensor");
    each.tensor.bytes.assign(part.begin(), part.end());
    skip_to_alignment(in);
    content.tensors.push_back(std::move(each.tensor));
  }
  if (in.left() > 0) in.reject(formatted("{} bytes are left over.", {in.left()}));
  return content;
}

}  // namespace rushlight
