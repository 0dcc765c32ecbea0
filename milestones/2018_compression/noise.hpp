// noise.hpp: what rounding does to each weight of a network that has learnt.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "16_quantization/quantized_layers.hpp"

namespace rushlight::compression {

inline constexpr std::array formats{WeightFormat::int8, WeightFormat::q8_0, WeightFormat::q4_0};

struct LayerNoise {
  std::string path;                             // of the layer
  std::array<double, formats.size()> decibels;  // sqnr() of module 16 by format; NaN where the format cannot hold it
};

// Of every Linear and Embedding, in the order of named_modules(). The model stays as it is.
std::vector<LayerNoise> noise_of(Module& model);

}  // namespace rushlight::compression
