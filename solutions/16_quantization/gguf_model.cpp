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
  // solution 16.9
  const GPTOptions& o = gpt.options();
  const auto put = [&](const std::string& key, GgufValue value) { file.metadata.emplace_back(key, std::move(value)); };
  const auto size = [](std::int64_t value) { return static_cast<std::uint32_t>(value); };
  put("general.architecture", std::string("gpt2"));
  put("general.name", name);
  put("general.alignment", size(gguf_alignment));
  const std::uint32_t file_types[] = {0, 1, 2, 0, 0, 0, 0, 0, 7};  // as llama.cpp numbers files of mostly one type
  put("general.file_type", file_types[static_cast<std::uint32_t>(type)]);
  put("general.quantization_version", size(2));
  put("gpt2.context_length", size(o.context));
  put("gpt2.embedding_length", size(o.width));
  put("gpt2.feed_forward_length", size(o.hidden == 0 ? 4 * o.width : o.hidden));
  put("gpt2.block_count", size(o.layers));
  put("gpt2.attention.head_count", size(o.heads));
  put("gpt2.attention.layer_norm_epsilon", static_cast<float>(HookedNormOptions{}.eps));
  put("tokenizer.ggml.model", std::string("gpt2"));
  put("tokenizer.ggml.pre", std::string("gpt-2"));
  GgufStrings tokens, merges;
  GgufInts types;
  for (std::int32_t id = 0; id < tokenizer.vocabulary_size(); ++id) {
    const bool special = tokenizer.is_special(id);
    tokens.push_back(special ? tokenizer.token(id) : to_printable(tokenizer.token(id)));
    types.push_back(static_cast<std::int32_t>(special ? control_token : normal_token));
  }
  for (const Merge& merge : tokenizer.merges()) {
    merges.push_back(to_printable(tokenizer.token(merge.left)) + " " + to_printable(tokenizer.token(merge.right)));
  }
  put("tokenizer.ggml.tokens", tokens);
  put("tokenizer.ggml.token_type", types);
  put("tokenizer.ggml.merges", merges);
  put("tokenizer.ggml.bos_token_id", size(end));
  put("tokenizer.ggml.eos_token_id", size(end));
  put("tokenizer.ggml.add_bos_token", false);
  const auto matrix = [&](const std::string& where, const Array& x) {
    file.tensors.push_back(gguf_tensor(where, x, type));
  };
  const auto exact = [&](const std::string& where, const Array& x) {
    file.tensors.push_back(gguf_tensor(where, x, GgufType::f32));
  };
  const auto norm = [&](const std::string& where, const LayerNorm& layer) {
    exact(where + ".weight", layer.weight.value());
    exact(where + ".bias", layer.bias.value());
  };
  const auto linear = [&](const std::string& where, const Linear& layer) {
    matrix(where + ".weight", layer.weight.value());
    exact(where + ".bias", layer.bias.value());
  };
  matrix("token_embd.weight", gpt.embed.weight.value());
  exact("position_embd.weight", gpt.pos_embed->weight.value());
  for (std::size_t i = 0; i < gpt.blocks.size(); ++i) {
    const TransformerBlock& block = gpt.blocks[i];
    const std::string at = formatted("blk.{}.", {i});
    norm(at + "attn_norm", block.ln1);
    matrix(at + "attn_qkv.weight", stacked(block.attn.q.weight, block.attn.k.weight, block.attn.v.weight));
    exact(at + "attn_qkv.bias", stacked(block.attn.q.bias, block.attn.k.bias, block.attn.v.bias));
    linear(at + "attn_output", block.attn.out);
    norm(at + "ffn_norm", block.ln2);
    linear(at + "ffn_up", block.mlp.fc1);
    linear(at + "ffn_down", block.mlp.fc2);
  }
  norm("output_norm", gpt.ln_final);
  if (!o.tied) matrix("output.weight", gpt.unembed.weight.value());
  // end solution
  return file;
}

}  // namespace rushlight
