// mapped_weights.hpp: given. Small weights that stay in their file. mmap makes a file's bytes part of the address space;
// the system reads a page when somebody looks at it, and two processes that map one file share its pages.
// Letters: I inputs, O outputs, V vocabulary, D width, ... any leading axes.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "16_quantization/quantized_file.hpp"

namespace rushlight {

// A file's bytes, for as long as somebody holds this. The file must not become shorter meanwhile: replace it by another
// (write_file does), and never write into it.
class MappedFile {
 public:
  explicit MappedFile(const std::string& path);  // FileError that names the file and the reason
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const std::uint8_t> bytes() const { return bytes_; }

 private:
  std::span<const std::uint8_t> bytes_;
};

// A matrix (O, I) in blocks, somewhere in a mapped file.
struct MappedWeight {
  std::shared_ptr<const MappedFile> file;
  BlockType type = BlockType::q8_0;
  Shape shape;
  std::span<const std::uint8_t> blocks;  // into the file
};

// QuantizedLinear of q8_0 or q4_0, with its weight in the file: the same bits come out.
class MappedLinear : public Module {
 public:
  MappedLinear(MappedWeight weight, const Tensor& bias);
  Tensor forward(const Tensor& x) override;  // x (..., I) -> (..., O); ShapeError where x does not fit
  void members(Members& m) override;         // the buffer "bias"

  const MappedWeight& weight() const { return weight_; }

 private:
  MappedWeight weight_;
  Tensor bias_;
};

// load_quantized, but weights in blocks are not copied: layers read them where they lie. int8 weights and floats are, as
// ever: their products want them in vectors. FileError that begins with the path, for a file that breaks the layout of
// safetensors too; the model is as it was then.
void map_quantized(const std::string& path, Module& model);

}  // namespace rushlight
