// A whole GPT under the names by which llama.cpp knows it.
#include "16_quantization/gguf.hpp"
#include "helpers.hpp"

namespace rushlight::test {
namespace {

BpeTokenizer some_tokenizer() {
  return BpeTokenizer::train(
      "to be or not to be, that is the question. to be!",
      {.vocabulary_size = 264, .special_tokens = {"<|pad|>", "<|endoftext|>"}, .splitting = Splitting::gpt2});
}

GPT some_gpt(std::int64_t vocabulary, bool tied) {
  Generator random(2);
  return GPT({.vocabulary = vocabulary, .context = 8, .width = 32, .layers = 2, .heads = 4, .tied = tied}, random);
}

const GgufValue* value_of(const Gguf& file, const std::string& key) {
  for (const auto& [name, value] : file.metadata) {
    if (name == key) return &value;
  }
  return nullptr;
}

const GgufTensor* tensor_of(const Gguf& file, const std::string& name) {
  for (const GgufTensor& tensor : file.tensors) {
    if (tensor.name == name) return &tensor;
  }
  return nullptr;
}

TEST(Unit_16_9, AModelUnderTheNamesOfGpt2) {
  const BpeTokenizer tokenizer = some_tokenizer();
  GPT gpt = some_gpt(tokenizer.vocabulary_size(), false);
  const Gguf file = gguf_of(gpt, tokenizer, GgufType::f32, "small");
  const std::map<std::string, GgufValue> expected = {
      {"general.architecture", std::string("gpt2")},    {"general.name", std::string("small")},
      {"gpt2.context_length", std::uint32_t{8}},        {"gpt2.embedding_length", std::uint32_t{32}},
      {"gpt2.feed_forward_length", std::uint32_t{128}}, {"gpt2.block_count", std::uint32_t{2}},
      {"gpt2.attention.head_count", std::uint32_t{4}},  {"gpt2.attention.layer_norm_epsilon", 1e-5F},
      {"tokenizer.ggml.model", std::string("gpt2")},    {"tokenizer.ggml.pre", std::string("gpt-2")}};
  for (const auto& [key, value] : expected) {
    ASSERT_NE(value_of(file, key), nullptr) << key;
    EXPECT_EQ(*value_of(file, key), value) << key;
  }
}

Array stacked(const HookedAttention& attn, Tensor Linear::*part) {
  return concat(Arrays{(attn.q.*part).value(), (attn.k.*part).value(), (attn.v.*part).value()}, 0);
}

// The lesson's table, for every block.
std::map<std::string, Array> table_of(GPT& gpt) {
  std::map<std::string, Array> table = {{"token_embd.weight", gpt.embed.weight.value()},
                                        {"position_embd.weight", gpt.pos_embed->weight.value()},
                                        {"output.weight", gpt.unembed.weight.value()}};
  const auto both = [&](const std::string& name, const auto& layer) {
    table[name + ".weight"] = layer.weight.value();
    table[name + ".bias"] = layer.bias.value();
  };
  for (std::size_t i = 0; i < gpt.blocks.size(); ++i) {
    const TransformerBlock& block = gpt.blocks[i];
    const std::string at = fmt::format("blk.{}.", i);
    both(at + "attn_norm", block.ln1);
    table[at + "attn_qkv.weight"] = stacked(block.attn, &Linear::weight);
    table[at + "attn_qkv.bias"] = stacked(block.attn, &Linear::bias);
    both(at + "attn_output", block.attn.out);
    both(at + "ffn_norm", block.ln2);
    both(at + "ffn_up", block.mlp.fc1);
    both(at + "ffn_down", block.mlp.fc2);
  }
  both("output_norm", gpt.ln_final);
  return table;
}

TEST(Unit_16_9, EveryWeightUnderItsName) {
  const BpeTokenizer tokenizer = some_tokenizer();
  GPT gpt = some_gpt(tokenizer.vocabulary_size(), false);
  std::uint64_t seed = 1;  // norms and biases, too, differ from block to block
  for (auto& [name, parameter] : gpt.named_parameters()) parameter.set_value(randn(parameter.shape(), seed++));
  const Gguf file = gguf_of(gpt, tokenizer, GgufType::f32, "small");
  const std::map<std::string, Array> table = table_of(gpt);
  EXPECT_EQ(file.tensors.size(), table.size());
  for (const auto& [name, array] : table) {
    ASSERT_NE(tensor_of(file, name), nullptr) << name;
    EXPECT_EQ(tensor_of(file, name)->shape, array.shape()) << name;
    EXPECT_TRUE(near(load_array(*tensor_of(file, name)), array, {1e-6, 0})) << name;
  }
}

TEST(Unit_16_9, AHiddenWidthOfItsOwn) {
  const BpeTokenizer tokenizer = some_tokenizer();
  Generator random(2);
  GPT gpt({.vocabulary = tokenizer.vocabulary_size(), .context = 8, .width = 32, .layers = 1, .heads = 4, .hidden = 96},
          random);
  const Gguf file = gguf_of(gpt, tokenizer, GgufType::f32, "small");
  EXPECT_EQ(*value_of(file, "gpt2.feed_forward_length"), GgufValue(std::uint32_t{96}));
}

TEST(Unit_16_9, ItsTokenizer) {
  const BpeTokenizer tokenizer = some_tokenizer();
  GPT gpt = some_gpt(tokenizer.vocabulary_size(), true);
  const Gguf file = gguf_of(gpt, tokenizer, GgufType::f32, "small");
  const auto tokens = std::get<GgufStrings>(*value_of(file, "tokenizer.ggml.tokens"));
  const auto types = std::get<GgufInts>(*value_of(file, "tokenizer.ggml.token_type"));
  const auto merges = std::get<GgufStrings>(*value_of(file, "tokenizer.ggml.merges"));
  ASSERT_EQ(static_cast<int>(tokens.size()), tokenizer.vocabulary_size());
  ASSERT_EQ(types.size(), tokens.size());
  EXPECT_EQ(tokens['a'], "a");
  EXPECT_EQ(tokens[' '], "\u0120");
  EXPECT_EQ(types['a'], 1);
  EXPECT_EQ(merges.size(), tokenizer.merges().size());
  EXPECT_EQ(merges[0], to_printable(tokenizer.token(tokenizer.merges()[0].left)) + " " +
                           to_printable(tokenizer.token(tokenizer.merges()[0].right)));
  const std::int32_t end = tokenizer.special_id("<|endoftext|>");
  EXPECT_EQ(tokens[static_cast<std::size_t>(end)], "<|endoftext|>");
  EXPECT_EQ(types[static_cast<std::size_t>(end)], 3);
  EXPECT_EQ(*value_of(file, "tokenizer.ggml.eos_token_id"), GgufValue(static_cast<std::uint32_t>(end)));
  EXPECT_EQ(tensor_of(file, "output.weight"), nullptr) << "a tied head is the embedding";
}

TEST(Unit_16_9, SpecialTokensAreWrittenAsTheyAre) {
  const std::string end = "<the \u00e9nd>\n";  // each of the three would look otherwise in the printable alphabet
  const BpeTokenizer tokenizer = BpeTokenizer::train(
      "to be or not", {.vocabulary_size = 258, .special_tokens = {end}, .splitting = Splitting::gpt2});
  GPT gpt = some_gpt(tokenizer.vocabulary_size(), true);
  const Gguf file = gguf_of(gpt, tokenizer, GgufType::f32, "small");
  const auto tokens = std::get<GgufStrings>(*value_of(file, "tokenizer.ggml.tokens"));
  const std::int32_t id = tokenizer.special_id(end);
  EXPECT_EQ(tokens.at(static_cast<std::size_t>(id)), end);
  EXPECT_EQ(*value_of(file, "tokenizer.ggml.eos_token_id"), GgufValue(static_cast<std::uint32_t>(id)));
}

TEST(Unit_16_9, OnlyMatricesAreQuantised) {
  const BpeTokenizer tokenizer = some_tokenizer();
  GPT gpt = some_gpt(tokenizer.vocabulary_size(), true);
  for (const GgufType type : {GgufType::f16, GgufType::q8_0, GgufType::q4_0}) {
    const Gguf file = gguf_of(gpt, tokenizer, type, "small");
    EXPECT_EQ(tensor_of(file, "token_embd.weight")->type, type);
    EXPECT_EQ(tensor_of(file, "blk.0.attn_qkv.weight")->type, type);
    EXPECT_EQ(tensor_of(file, "blk.1.ffn_down.weight")->type, type);
    EXPECT_EQ(tensor_of(file, "position_embd.weight")->type, GgufType::f32);
    EXPECT_EQ(tensor_of(file, "blk.0.attn_qkv.bias")->type, GgufType::f32);
    EXPECT_EQ(tensor_of(file, "blk.0.attn_norm.weight")->type, GgufType::f32);
    const Gguf back = decode_gguf(encode_gguf(file), "f");
    EXPECT_TRUE(same_list(back.metadata, file.metadata));
    EXPECT_TRUE(same_list(back.tensors, file.tensors));
  }
}

TEST(Unit_16_9, WhatGpt2DoesNotHave) {
  const BpeTokenizer tokenizer = some_tokenizer();
  const std::int64_t v = tokenizer.vocabulary_size();
  const auto refused = [&](GPTOptions options, const BpeTokenizer& by, const std::string& reason) {
    Generator random(2);
    options.context = 8;
    options.width = 32;
    options.layers = 1;
    options.heads = 4;
    GPT gpt(options, random);
    EXPECT_THROWS_WITH(gguf_of(gpt, by, GgufType::f32, "x"), ValueError, reason);
  };
  refused({.vocabulary = v, .positions = Positions::rotary}, tokenizer, "rotary");
  refused({.vocabulary = v, .groups = 2}, tokenizer, "groups");
  refused({.vocabulary = v, .head_bias = true}, tokenizer, "bias");
  refused({.vocabulary = v + 1}, tokenizer, "tokens");
  refused({.vocabulary = 256}, BpeTokenizer::train("", {.vocabulary_size = 256, .splitting = Splitting::gpt2}),
          "special");
  const BpeTokenizer words = BpeTokenizer::train("to be", {.vocabulary_size = 257, .special_tokens = {"<end>"}});
  refused({.vocabulary = 257}, words, "gpt2");
  GPT gpt = some_gpt(v, true);
  quantize(gpt);
  EXPECT_THROWS_WITH(gguf_of(gpt, tokenizer, GgufType::f32, "x"), ValueError, "stand-in");
  GPT with_table = some_gpt(v, true);
  QuantizeConfig the_table_alone;  // which has no stand_in() but a look-up
  for (const auto& [path, module] : with_table.named_modules()) {
    if (kind_of(*module) == "Linear" || kind_of(*module) == "Unembed") the_table_alone.skip.push_back(path);
  }
  quantize(with_table, the_table_alone);
  EXPECT_THROWS_WITH(gguf_of(with_table, tokenizer, GgufType::f32, "x"), ValueError, "embed has a stand-in");
}

}  // namespace
}  // namespace rushlight::test
