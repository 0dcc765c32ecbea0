#include "2018_compression/spoil.hpp"

#include <algorithm>

#include "16_quantization/blocks.hpp"

namespace rushlight::compression {
namespace {

constexpr std::int64_t scale_bytes = 2;  // a float16, in front of a block's numbers

struct Weight {
  StoredTensor* tensor;
  std::int64_t block;  // bytes

  std::int64_t blocks() const { return static_cast<std::int64_t>(tensor->bytes.size()) / block; }
};

std::vector<Weight> weights_of(SafeTensors& state) {
  const std::string what = "quantized.";
  std::vector<Weight> weights;
  for (const auto& [key, format] : state.metadata) {
    if (!key.starts_with(what) || format == "int8") continue;
    weights.push_back({.tensor = &state.tensors.at(key.substr(what.size())),
                       .block = block_bytes(format == "q8_0" ? BlockType::q8_0 : BlockType::q4_0)});
  }
  return weights;
}

}  // namespace

SafeTensors with_scales_of_another_layer(SafeTensors state) {
  SafeTensors own = state;
  const std::vector<Weight> weights = weights_of(state), sources = weights_of(own);
  if (weights.size() < 2) throw ValueError("with_scales_of_another_layer: needs two weights in blocks.");
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const Weight& to = weights[i];
    const Weight& from = sources[(i + 1) % weights.size()];
    for (std::int64_t b = 0; b < to.blocks(); ++b) {
      const auto scale = from.tensor->bytes.begin() + b % from.blocks() * from.block;
      std::copy_n(scale, scale_bytes, to.tensor->bytes.begin() + b * to.block);
    }
  }
  return state;
}

}  // namespace rushlight::compression
