// Module 16's given file of small weights: what is in it, to the byte, and what it refuses.
#include <cstring>
#include <functional>

#include "integration/small_weights.hpp"

namespace rushlight::test {
namespace {

constexpr WeightFormat formats[] = {WeightFormat::int8, WeightFormat::q8_0, WeightFormat::q4_0};

TEST(Integration_16, AFileOfSmallWeightsComputesWhatQuantizeComputes) {
  for (const WeightFormat format : formats) {
    for (const bool tied : {true, false}) {
      GPT saved = small_gpt(1, tied), loaded = small_gpt(2, tied);
      load_quantized_state(loaded, decode_safetensors(encode_safetensors(quantized_state(saved, format)), "here"));
      EXPECT_EQ(answers(saved).shape(), answers(loaded).shape());
      quantize(saved, {.weights = format});
      EXPECT_TRUE(same_bits(answers(loaded), answers(saved))) << name_of(format) << (tied ? ", tied" : "");
      for (const auto& [path, module] : loaded.named_modules()) {
        if (kind_of(*module) == "Linear") EXPECT_TRUE(own_parameters(*module).empty()) << path << " keeps its floats";
      }
    }
  }
}

TEST(Integration_16, SavingLeavesTheModelAlone) {
  GPT gpt = small_gpt(1);
  const Array before = answers(gpt);
  quantized_state(gpt, WeightFormat::q4_0);
  EXPECT_TRUE(same_bits(answers(gpt), before));
}

// Of the data of a state: what follows the header in a file.
std::int64_t data_bytes(const SafeTensors& state) {
  std::int64_t total = 0;
  for (const auto& [name, tensor] : state.tensors) total += static_cast<std::int64_t>(tensor.bytes.size());
  return total;
}

TEST(Integration_16, TheSizeIsWhatTheArithmeticSays) {
  const std::int64_t number = sizeof(Real);
  const std::int64_t floats =
      number * (6 * 32 + 2 * (4 * 32 + 128 + 32 + 4 * 32) + 2 * 32);        // positions, biases, norms
  const std::int64_t matrices = 9 * 32 + 2 * (4 * 32 * 32 + 2 * 32 * 128);  // the head is the embedding
  const std::int64_t rows = 9 + 2 * (4 * 32 + 128 + 32);
  const std::int64_t expected[] = {matrices + 4 * rows + floats, matrices / 32 * 34 + floats,
                                   matrices / 32 * 18 + floats};
  for (std::size_t i = 0; i < 3; ++i) {
    GPT gpt = small_gpt(1);
    const SafeTensors state = quantized_state(gpt, formats[i]);
    EXPECT_EQ(data_bytes(state), expected[i]) << name_of(formats[i]);
    const std::vector<std::uint8_t> file = encode_safetensors(state);
    std::uint64_t header = 0;
    std::memcpy(&header, file.data(), 8);
    EXPECT_EQ(static_cast<std::int64_t>(file.size()), 8 + static_cast<std::int64_t>(header) + expected[i]);
  }
}

TEST(Integration_16, TheNamesAreTheDocumentedOnes) {
  GPT gpt = small_gpt(1);
  const SafeTensors int8 = quantized_state(gpt, WeightFormat::int8), q8 = quantized_state(gpt, WeightFormat::q8_0);
  const std::string name = "blocks.1.mlp.fc2.weight";
  EXPECT_EQ(int8.metadata.at("format"), "rushlight-quantized-1");
  EXPECT_EQ(int8.metadata.at("quantized." + name), "int8");
  EXPECT_EQ(int8.metadata.at("same.unembed.weight"), "embed.weight");
  EXPECT_FALSE(int8.tensors.contains("unembed.weight"));
  EXPECT_EQ(int8.tensors.at(name).dtype, DType::i8);
  EXPECT_EQ(int8.tensors.at(name).shape, (Shape{32, 128}));
  EXPECT_EQ(int8.tensors.at(name + ".scale").shape, (Shape{32}));
  const QuantizedWeight weight = quantize_weight(gpt.blocks[1].mlp.fc2.weight.value(), WeightFormat::int8);
  float scale = 0;
  std::memcpy(&scale, int8.tensors.at(name + ".scale").bytes.data() + 4 * 5, 4);
  EXPECT_EQ(scale, weight.int8.params[5].scale);
  EXPECT_EQ(q8.metadata.at("quantized." + name), "q8_0");
  EXPECT_EQ(q8.tensors.at(name).shape, (Shape{32, 4 * 34}));
  EXPECT_EQ(q8.tensors.at(name).bytes,
            quantize_weight(gpt.blocks[1].mlp.fc2.weight.value(), WeightFormat::q8_0).blocks.bytes);
}

TEST(Integration_16, WhatIsSkippedOrDoesNotFitStaysFloat) {
  Generator random(1);
  Sequential net{Linear({.in = 33, .out = 32}, random), Linear({.in = 32, .out = 4}, random)};
  const SafeTensors state = quantized_state(net, WeightFormat::q8_0);
  EXPECT_EQ(state.tensors.at("0.weight").dtype, real_dtype) << "33 numbers in a row are no blocks";
  EXPECT_EQ(state.tensors.at("1.weight").dtype, DType::u8);
  EXPECT_EQ(quantized_state(net, WeightFormat::int8, {"1"}).tensors.at("1.weight").dtype, real_dtype);
  EXPECT_THROWS_WITH(quantized_state(net, WeightFormat::int8, {"7"}), ValueError, "'7'");
  Sequential loaded{Linear({.in = 33, .out = 32}, random), Linear({.in = 32, .out = 4}, random)};
  load_quantized_state(loaded, state);
  EXPECT_FALSE(loaded[0].stand_in());
  EXPECT_TRUE(loaded[1].stand_in());
  EXPECT_THROWS_WITH(quantized_state(loaded, WeightFormat::q8_0), ValueError, "1 has a stand-in");
}

void set_float(StoredTensor& tensor, std::int64_t place, float value) {
  std::memcpy(tensor.bytes.data() + 4 * place, &value, 4);
}

TEST(Integration_16, AFileOfSmallWeightsThatIsWrongChangesNothing) {
  const std::string w = "blocks.0.attn.q.weight";
  struct Case {
    WeightFormat format;
    std::function<void(SafeTensors&)> spoil;
    const char* words;
  };
  const Case cases[] = {
      {WeightFormat::int8, [&](SafeTensors& s) { s.metadata.erase("format"); }, "rushlight-quantized-1"},
      {WeightFormat::int8, [&](SafeTensors& s) { s.tensors.erase(w); }, "missing"},
      {WeightFormat::int8, [&](SafeTensors& s) { s.tensors.erase(w + ".scale"); }, "missing"},
      {WeightFormat::int8, [&](SafeTensors& s) { s.tensors["more"] = s.tensors.at(w); }, "no place for 'more'"},
      {WeightFormat::int8, [&](SafeTensors& s) { s.metadata["quantized." + w] = "int7"; }, "'int7'"},
      {WeightFormat::int8, [&](SafeTensors& s) { s.metadata["quantized." + w] = "q8_0"; }, "needs U8 (32, 34)"},
      {WeightFormat::int8, [&](SafeTensors& s) { s.metadata["quantized.other"] = "int8"; }, "quantized.other"},
      {WeightFormat::int8, [&](SafeTensors& s) { s.metadata.erase("same.unembed.weight"); }, "one weight in the model"},
      {WeightFormat::int8, [&](SafeTensors& s) { s.metadata["same.unembed.weight"] = w; }, "one weight in the model"},
      {WeightFormat::int8, [&](SafeTensors& s) { set_float(s.tensors.at(w + ".scale"), 3, 0); }, "holds 0"},
      {WeightFormat::int8, [&](SafeTensors& s) { set_float(s.tensors.at(w + ".scale"), 3, NAN); },
       "needs a number above 0"},
      {WeightFormat::int8, [&](SafeTensors& s) { s.tensors.at(w).bytes[7] = 128; }, "-128 at 7"},
      {WeightFormat::int8, [&](SafeTensors& s) { s.tensors.at(w).shape = {1024}; }, "needs I8 (32, 32)"},
      {WeightFormat::int8, [&](SafeTensors& s) { s.tensors.at(w).dtype = DType::u8; }, "is U8 (32, 32)"},
      {WeightFormat::int8,
       [&](SafeTensors& s) {
         s.tensors.at("ln_final.bias").shape = {4, 8};
       },
       "ln_final.bias"},
      {WeightFormat::q4_0, [&](SafeTensors& s) { s.tensors.at(w).bytes[19] = 0x7c; }, "byte 18"},
      {WeightFormat::q8_0, [&](SafeTensors& s) { s.tensors.at(w).bytes[1] = 0xfe; }, "not finite"}};
  for (const Case& each : cases) {
    GPT saved = small_gpt(1), model = small_gpt(2);
    const Array before = answers(model);
    SafeTensors state = quantized_state(saved, each.format);
    each.spoil(state);
    EXPECT_THROWS_WITH(load_quantized_state(model, state), ValueError, each.words);
    EXPECT_TRUE(same_bits(answers(model), before)) << each.words;
  }
}

// Whatever a byte of the file becomes, it is read or refused with one of our errors, and never half read.
TEST(Integration_16, AFileOfSmallWeightsSurvivesAnyByte) {
  Generator random(5);
  int refused = 0;
  for (const WeightFormat format : formats) {
    GPT saved = small_gpt(1);
    const std::vector<std::uint8_t> good = encode_safetensors(quantized_state(saved, format));
    std::uint64_t header = 0;
    std::memcpy(&header, good.data(), 8);
    for (int i = 0; i < 150; ++i) {
      std::vector<std::uint8_t> bytes = good;
      const auto limit = i % 3 == 0 ? bytes.size() : 8 + header;  // mostly the header, where the structure is
      bytes[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(limit)))] =
          static_cast<std::uint8_t>(random.below(256));
      if (i % 5 == 0) bytes.resize(static_cast<std::size_t>(random.below(std::ssize(bytes))));
      GPT model = small_gpt(2);
      const Array before = answers(model);
      try {
        load_quantized_state(model, decode_safetensors(bytes, "here"));
      } catch (const Error&) {
        ++refused;
        ASSERT_TRUE(same_bits(answers(model), before)) << name_of(format) << ", " << i;
      }
    }
  }
  EXPECT_GT(refused, 200);
}

}  // namespace
}  // namespace rushlight::test
