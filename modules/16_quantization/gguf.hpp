// gguf.hpp: the file that llama.cpp reads. Layout from the public description of GGUF, version 3; little-endian throughout.
//
//   "GGUF", u32 version = 3, u64 number of tensors, u64 number of metadata
//   metadata, each:  string key, u32 type, value
//   tensors, each:   string name, u32 number of axes, u64 sizes (the last axis first), u32 type, u64 offset
//   zeros up to a multiple of 32; from here offsets count
//   the tensors' bytes, each from a multiple of 32 on, zeros in between
//
// A string is a u64 length and its bytes. An array is u32 type of its elements, u64 count, elements.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "10_tokenization/tokenizer.hpp"
#include "13_transformers/gpt.hpp"
#include "16_quantization/blocks.hpp"

namespace rushlight {

// The types of GGUF that are read and written here, with their numbers in the file: u32 4, i32 5, f32 6, bool 7, string 8,
// array 9 of any of the first five.
using GgufStrings = std::vector<std::string>;
using GgufInts = std::vector<std::int32_t>;
using GgufFloats = std::vector<float>;
using GgufValue =
    std::variant<std::uint32_t, std::int32_t, float, bool, std::string, GgufStrings, GgufInts, GgufFloats>;

// As ggml numbers them.
enum class GgufType : std::uint32_t { f32 = 0, f16 = 1, q4_0 = 2, q8_0 = 8 };
const char* name_of(GgufType type);                  // "f32", "f16", "q4_0", "q8_0"; given (gguf_parts.cpp)
GgufType gguf_type_called(const std::string& name);  // ValueError that lists the four

struct GgufTensor {
  std::string name;
  GgufType type = GgufType::f32;
  Shape shape;                      // row-major, as ours; the file has it the other way round
  std::vector<std::uint8_t> bytes;  // gguf_bytes(type, shape) of them

  bool operator==(const GgufTensor&) const = default;
};

struct Gguf {
  std::vector<std::pair<std::string, GgufValue>> metadata;  // in the order of the file
  std::vector<GgufTensor> tensors;

  bool operator==(const Gguf&) const = default;
};

constexpr std::uint32_t gguf_version = 3;
constexpr std::size_t gguf_alignment = 32;

// How many bytes the numbers take. ShapeError where blocks do not fill the last axis. Given (gguf_parts.cpp).
std::int64_t gguf_bytes(GgufType type, const Shape& shape);

// --- 16.9 (gguf_tensor.cpp) --------------------------------------------------------------------------------------------

// x as a tensor of the file. Throws what quantize_blocks throws; ValueError that names the tensor and the number when one does
// not fit into a float16.
GgufTensor gguf_tensor(const std::string& name, const Array& x, GgufType type);
Array load_array(const GgufTensor& tensor);

// --- 16.9 (gguf_file.cpp) ----------------------------------------------------------------------------------------------

// The bytes of the file. Throws ValueError that names what it cannot hold: a tensor with more or fewer bytes than its shape
// says (and how many it has), one with more than 4 axes, two tensors or two metadata of one name (by that 'name').
std::vector<std::uint8_t> encode_gguf(const Gguf& content);

// The inverse. Throws FileError that names `file`, the offset and the reason for whatever breaks the layout: another
// magic or version, anything that ends behind the file, a type that is not read here, a name that stands there twice,
// more than 4 axes, sizes whose bytes do not fit 63 bits (zeros among them left out), an offset that is not the next
// multiple of 32, bytes left over, and alignments (general.alignment) other than 32. Never reads outside `bytes`, and
// asks for no more memory than a few times the file's length.
Gguf decode_gguf(std::span<const std::uint8_t> bytes, const std::string& file);

// --- 16.9 (gguf_model.cpp) ---------------------------------------------------------------------------------------------

// A GPT and its tokenizer under llama.cpp's architecture "gpt2"; the lesson has the table of names. Matrices of the blocks,
// the embedding and the head in `type`; biases, norms and positions always f32. A tied head is left out: llama.cpp then takes
// the embedding. Throws ValueError for what gpt2 does not have (rotary positions, groups of heads, a bias of the head), a
// vocabulary of another size than the tokenizer's, a tokenizer with another rule than Splitting::gpt2, or without special
// tokens, of which "<|endoftext|>", or else the first, ends a text; and for a model with stand-ins in it.
Gguf gguf_of(GPT& gpt, const BpeTokenizer& tokenizer, GgufType type, const std::string& name);

// --- given (gguf_parts.cpp) --------------------------------------------------------------------------------------------

// Reads little-endian values one after the other. Throws FileError that names file, offset and what was to come.
class GgufReader {
 public:
  GgufReader(std::span<const std::uint8_t> bytes, std::string file) : bytes_(bytes), file_(std::move(file)) {}

  std::uint32_t u32(const char* what);
  std::uint64_t u64(const char* what);
  std::string string(const char* what);
  GgufValue value(const std::string& key);  // type and value
  // `count` things of at least `size` bytes each are to come: FileError when the file is too short for that.
  std::uint64_t count(const char* what, std::uint64_t size);
  std::span<const std::uint8_t> take(std::uint64_t size, const char* what);
  std::size_t at() const { return at_; }
  std::size_t left() const { return bytes_.size() - at_; }
  [[noreturn]] void reject(const std::string& reason) const;  // at the offset where it stands

 private:
  std::span<const std::uint8_t> bytes_;
  std::string file_;
  std::size_t at_ = 0;
};

// Appends little-endian values.
class GgufWriter {
 public:
  void u32(std::uint32_t value);
  void u64(std::uint64_t value);
  void string(const std::string& text);
  void value(const GgufValue& value);  // type and value
  void bytes(std::span<const std::uint8_t> more) { out.insert(out.end(), more.begin(), more.end()); }
  void align() { out.resize((out.size() + gguf_alignment - 1) / gguf_alignment * gguf_alignment); }

  std::vector<std::uint8_t> out;
};

}  // namespace rushlight
