// gguf_model.cpp: a GPT and its tokenizer, under the names by which llama.cpp knows them.
#include <algorithm>

#include "01_tensor/todo.hpp"
#include "16_quantization/gguf.hpp"

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
    if (!is_replaced(*module)) continue;
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
