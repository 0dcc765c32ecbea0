// quantized_parts.hpp: given. How small weights out of a file come into a model, wherever their bytes lie.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "16_quantization/quantized_file.hpp"

namespace rushlight {

inline constexpr const char* quantized_format = "rushlight-quantized-1";

// A layer whose weight may be small: a Linear, an Unembed or an Embedding.
struct SmallPlace {
  std::string path;  // of the module
  Module* module = nullptr;
  Tensor *weight = nullptr, *bias = nullptr;

  std::string in(const std::string& name) const { return path.empty() ? name : path + "." + name; }
};
std::vector<SmallPlace> small_places(Module& model);  // ValueError for a layer with a stand-in

// A weight that was read, as the two kinds of layer that it can be.
struct SmallWeight {
  std::function<std::shared_ptr<Module>(const Tensor& bias)> linear;
  std::function<Tensor(const Indices& ids)> look_up;
};
SmallWeight in_memory(const SharedWeight& weight);

// Reads the weight at a path, (O, I) in the model, and takes its entries out of `left`.
using ReadSmall =
    std::function<SmallWeight(SafeTensors& left, const std::string& path, const Shape& shape, WeightFormat format)>;
SmallWeight read_in_memory(SafeTensors& left, const std::string& path, const Shape& shape, WeightFormat format);

// load_quantized_state with a choice of where the bytes of the weights stay.
void put_small_layers(Module& model, SafeTensors state, const ReadSmall& read);

BlockType block_type_of(WeightFormat format);                                     // not of int8
Shape blocks_shape(const std::string& path, const Shape& shape, BlockType type);  // (O, bytes of a row), or ValueError
void check_block_scales(const std::string& path, std::span<const std::uint8_t> bytes, BlockType type);

}  // namespace rushlight
