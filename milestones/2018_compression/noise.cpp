#include "2018_compression/noise.hpp"

#include <cmath>

#include "16_quantization/quantize_model.hpp"

namespace rushlight::compression {
namespace {

double decibels_of(const Array& weight, WeightFormat format) {
  if (format != WeightFormat::int8 && weight.dim(1) % block_size != 0) return NAN;
  return sqnr(weight, dequantize(quantize_weight(weight, format)));
}

}  // namespace

std::vector<LayerNoise> noise_of(Module& model) {
  std::vector<LayerNoise> layers;
  for (const auto& [path, module] : model.named_modules()) {
    const std::string kind = kind_of(*module);
    if (kind != "Linear" && kind != "Embedding") continue;
    for (const auto& [name, tensor] : own_parameters(*module)) {
      if (name != "weight") continue;
      LayerNoise layer{.path = path, .decibels = {}};
      for (std::size_t i = 0; i < formats.size(); ++i) layer.decibels[i] = decibels_of(tensor->value(), formats[i]);
      layers.push_back(layer);
    }
  }
  return layers;
}

}  // namespace rushlight::compression
