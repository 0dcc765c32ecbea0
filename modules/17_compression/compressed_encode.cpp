// compressed_encode.cpp: given. A compressed state as bytes.
#include "17_compression/compressed_file.hpp"
#include "17_compression/compressed_layout.hpp"

namespace rushlight {
namespace {

using namespace compressed;
using Bytes = std::vector<std::uint8_t>;

class Writer {
 public:
  template <class T>
  void put(T value) {
    put_all(std::span(&value, 1));
  }
  template <class T>
  void put_all(std::span<T> values) {
    const auto* first = reinterpret_cast<const std::uint8_t*>(values.data());
    bytes_.insert(bytes_.end(), first, first + values.size_bytes());
  }
  const Bytes& bytes() const { return bytes_; }

 private:
  Bytes bytes_;
};

CodeLengths lengths_of(const Codebook& book) {
  std::vector<std::int64_t> counts(static_cast<std::size_t>(book.values.size()), 0);
  for (const std::int32_t code : book.codes.data()) ++counts[code];
  return code_lengths(counts);
}

void check_codebook(const std::string& name, const Codebook& book) {
  if (book.values.rank() != 1 || book.values.size() > most_values) {
    throw ValueError("encode_compressed: the list of '{}' is {}; needs one axis of at most {}.",
                     {name, book.values.shape(), std::uint64_t{most_values}});
  }
  for (const std::int32_t code : book.codes.data()) {
    if (code < 0 || code >= book.values.size()) {
      throw ValueError("encode_compressed: '{}' holds code {}, but its list has {} numbers.",
                       {name, code, book.values.size()});
    }
  }
}

void put_start(Writer& out, const std::string& name, std::uint8_t kind, const Shape& shape) {
  if (name.size() > 65535) throw ValueError("encode_compressed: a name has {} bytes, more than 65535.", {name.size()});
  out.put(static_cast<std::uint16_t>(name.size()));
  out.put_all(std::span(name));
  out.put(kind);
  out.put(static_cast<std::uint8_t>(shape.rank()));
  for (const std::int64_t size : shape) out.put(size);
}

void put_shared(Writer& out, const std::string& name, const Codebook& book) {
  check_codebook(name, book);
  put_start(out, name, 1, book.codes.shape());
  const CodeLengths lengths = lengths_of(book);
  const Bytes bits = huffman_encode(book.codes.data(), lengths);
  out.put(static_cast<std::uint32_t>(book.values.size()));
  out.put_all(book.values.data());
  out.put_all(std::span(lengths));
  out.put(static_cast<std::uint64_t>(bits.size()));
  out.put_all(std::span(bits));
}

}  // namespace

Bytes encode_compressed(const CompressedState& state) {
  std::map<std::string, const Codebook*> all;  // null: plain
  for (const auto& [name, array] : state.plain) all[name] = nullptr;
  for (const auto& [name, book] : state.shared) {
    if (!all.emplace(name, &book).second) throw ValueError("encode_compressed: '{}' is there twice.", {name});
  }
  Writer body;
  for (const auto& [name, book] : all) {
    if (book != nullptr) {
      put_shared(body, name, *book);
    } else {
      const Array host = state.plain.at(name).cpu();
      put_start(body, name, 0, host.shape());
      body.put_all(host.data());
    }
  }
  Writer out;
  out.put_all(std::span(mark));
  out.put(std::uint8_t{1});
  out.put(static_cast<std::uint8_t>(sizeof(Real)));
  out.put(static_cast<std::uint32_t>(all.size()));
  out.put(crc32(body.bytes()));
  out.put_all(std::span(body.bytes()));
  return out.bytes();
}

}  // namespace rushlight
