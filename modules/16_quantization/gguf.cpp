// gguf.cpp: a model in the file that llama.cpp reads.
#include "16_quantization/gguf.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>

#include "01_tensor/todo.hpp"
#include "16_quantization/block_product.hpp"

namespace rushlight {
namespace {

constexpr std::uint32_t normal_token = 1, control_token = 3;

void check_options(GPT& gpt, const BpeTokenizer& tokenizer) {
  const GPTOptions& o = gpt.options();
  const auto refuse = [](const char* what) { throw ValueError("gguf: the architecture gpt2 has no {}.", {what}); };
  if (o.positions != Positions::learned) refuse("rotary positions");
  if (o.groups != 0 && o.groups != o.heads) refuse("groups of heads");
  if (o.head_bias) refuse("bias of the head");
  if (tokenizer.splitting() != Splitting::gpt2) {
    throw ValueError(
        "gguf: the tokenizer cuts words by a rule that llama.cpp does not know: train it with Splitting::gpt2.");
  }
  if (o.vocabulary != tokenizer.vocabulary_size()) {
    throw ValueError("gguf: the model has {} tokens, the tokenizer {}.", {o.vocabulary, tokenizer.vocabulary_size()});
  }
  for (const auto& [path, module] : gpt.named_modules()) {
    if (module->stand_in() == nullptr) continue;
    throw ValueError("gguf: {} has a stand-in: export the float model, and let the type quantise it.", {path});
  }
}

// The token that ends a text. ValueError when there is none.
std::int32_t end_token(const BpeTokenizer& tokenizer) {
  const std::vector<std::string> special = tokenizer.special_tokens();
  if (special.empty()) {
    throw ValueError("gguf: the tokenizer has no special token, and a text needs an end, such as <|endoftext|>.");
  }
  const bool usual = std::count(special.begin(), special.end(), "<|endoftext|>") > 0;
  return tokenizer.special_id(usual ? "<|endoftext|>" : special.front());
}

// q, k and v one above the other: three (D, D) -> (3·D, D), three (D) -> (3·D).
Array stacked(const Tensor& q, const Tensor& k, const Tensor& v) {
  return concat(Arrays{q.value(), k.value(), v.value()}, 0);
}

}  // namespace

// 16.9 gguf_tensor  name, x, type -> its bytes: floats, float16, or blocks
// ValueError that names the tensor where a finite number becomes an infinity as a float16.
// Hint: floats_of(x); std::memcpy for f32; quantize_blocks has the bytes of the others.
GgufTensor gguf_tensor(const std::string& name, const Array& x, GgufType type) {
  todo("16.9");
}

// 16.9 load_array  a tensor of the file -> its numbers
// Hint: the way back.
Array load_array(const GgufTensor& tensor) {
  todo("16.9");
}

// 16.9 encode_gguf  metadata and tensors -> the bytes of the file, as gguf.hpp draws it
// ValueError for a tensor whose bytes are not what gguf_bytes says, more than 4 axes, a name or key that is there twice.
// Hint: an offset counts from the end of the head, so it is known before the head is written: the sum of what went before,
// each rounded up to a multiple of 32. The file ends aligned, too.
std::vector<std::uint8_t> encode_gguf(const Gguf& content) {
  todo("16.9");
}

// 16.9 decode_gguf  the bytes of a file -> metadata and tensors
// FileError, by in.reject, for everything that gguf.hpp lists. Messages name what was read ("the magic", "the number of
// tensors", "the number of keys", "the length of a key") or what is wrong: "GGUF" or the version, the 'name' that is there
// twice, the "offset", the "alignment", sizes that cannot be "counted", filling that is "not zero", bytes "left over". Hint: GgufReader never reads behind the end, and count() asks
// beforehand whether so many things can be there: a key takes at least 12 bytes, a tensor of the list 24.
Gguf decode_gguf(std::span<const std::uint8_t> bytes, const std::string& file) {
  todo("16.9");
}

// 16.9 gguf_of  gpt, tokenizer, type, name -> all that llama.cpp needs to know, by the lesson's table
// check_options, then metadata and tensors in the table's order; matrices of the blocks, embedding and head in `type`,
// the rest f32. Hint: stacked() puts q, k and v one above the other. Tokens and merges in the printable alphabet, special
// tokens as they are. Sizes are std::uint32_t.
Gguf gguf_of(GPT& gpt, const BpeTokenizer& tokenizer, GgufType type, const std::string& name) {
  check_options(gpt, tokenizer);
  const std::int32_t end = end_token(tokenizer);
  Gguf file;
  todo("16.9");
  return file;
}

}  // namespace rushlight
