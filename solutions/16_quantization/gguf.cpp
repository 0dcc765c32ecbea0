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

// solution helper
std::vector<std::uint8_t> half_bytes(const std::string& name, const std::vector<float>& numbers) {
  std::vector<std::uint8_t> bytes;
  for (const float number : numbers) {
    const std::uint16_t half = half_from_float(number);
    if (std::isfinite(number) && !std::isfinite(float_from_half(half))) {
      throw ValueError("{}: {} does not fit into a float16.", {name, double{number}});
    }
    bytes.push_back(static_cast<std::uint8_t>(half & 255));
    bytes.push_back(static_cast<std::uint8_t>(half >> 8));
  }
  return bytes;
}

BlockType block_type(GgufType type) { return type == GgufType::q8_0 ? BlockType::q8_0 : BlockType::q4_0; }

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
    if (size > INT64_MAX || __builtin_mul_overflow(bytes, static_cast<std::int64_t>(size), &bytes)) {
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
  Listed listed{.tensor = {.name = in.string("the length of a name")}, .offset = 0};
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
// end solution

}  // namespace

// 16.9 gguf_tensor  name, x, type -> its bytes: floats, float16, or blocks
// ValueError that names the tensor where a finite number becomes an infinity as a float16.
// Hint: floats_of(x); std::memcpy for f32; quantize_blocks has the bytes of the others.
GgufTensor gguf_tensor(const std::string& name, const Array& x, GgufType type) {
  GgufTensor tensor{.name = name, .type = type, .shape = x.shape(), .bytes = {}};
  const std::vector<float> numbers = floats_of(x);
  if (type == GgufType::f32) {
    tensor.bytes.resize(4 * numbers.size());
    if (!numbers.empty()) std::memcpy(tensor.bytes.data(), numbers.data(), tensor.bytes.size());
  } else if (type == GgufType::f16) {
    tensor.bytes = half_bytes(name, numbers);
  } else {
    tensor.bytes = quantize_blocks(x, block_type(type)).bytes;
  }
  return tensor;
}

// 16.9 load_array  a tensor of the file -> its numbers
// Hint: the way back.
Array load_array(const GgufTensor& tensor) {
  if (tensor.type == GgufType::q8_0 || tensor.type == GgufType::q4_0) {
    return dequantize(BlockTensor{.type = block_type(tensor.type), .shape = tensor.shape, .bytes = tensor.bytes});
  }
  Array x(tensor.shape);
  const auto to = x.mutable_data();
  for (std::size_t i = 0; i < to.size(); ++i) {
    if (tensor.type == GgufType::f16) {
      to[i] = float_from_half(static_cast<std::uint16_t>(tensor.bytes[2 * i] | tensor.bytes[2 * i + 1] << 8));
    } else {
      float number = 0;
      std::memcpy(&number, tensor.bytes.data() + 4 * i, 4);
      to[i] = number;
    }
  }
  return x;
}

// 16.9 encode_gguf  metadata and tensors -> the bytes of the file, as gguf.hpp draws it
// ValueError for a tensor whose bytes are not what gguf_bytes says, more than 4 axes, a name or key that is there twice.
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
// twice, the "offset", the "alignment", sizes that cannot be "counted", filling that is "not zero", bytes "left over". Hint: GgufReader never reads behind the end, and count() asks
// beforehand whether so many things can be there: a key takes at least 12 bytes, a tensor of the list 24.
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
  put("gpt2.attention.layer_norm_epsilon", 1e-5F);
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
