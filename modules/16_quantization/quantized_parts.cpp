// quantized_parts.cpp: given. Small weights on their way into a model: all of it is checked before anything changes.
#include "16_quantization/quantized_parts.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <set>

#include "11_embeddings/embeddings.hpp"

namespace rushlight {
namespace {

using Metadata = std::map<std::string, std::string>;

// The entry at `name`, checked and taken out of what is left.
StoredTensor taken(SafeTensors& left, const std::string& name, const Shape& shape, std::vector<DType> types) {
  const auto found = left.tensors.find(name);
  if (found == left.tensors.end()) throw ValueError("quantized file: '{}' is missing.", {name});
  const StoredTensor& there = found->second;
  const bool fits = std::find(types.begin(), types.end(), there.dtype) != types.end() && there.shape == shape;
  if (!fits || static_cast<std::int64_t>(there.bytes.size()) != bytes_of(there.dtype) * shape.numel()) {
    throw ValueError("quantized file: '{}' is {} {} of {} bytes; needs {} {}.",
                     {name, name_of(there.dtype), there.shape, there.bytes.size(), name_of(types.front()), shape});
  }
  StoredTensor tensor = std::move(found->second);
  left.tensors.erase(found);
  return tensor;
}

// Floats of either width.
Array numbers_at(SafeTensors& left, const std::string& name, const Shape& shape) {
  return load_array(taken(left, name, shape, {real_dtype, DType::f32, DType::f64}));
}

WeightFormat format_called(const std::string& name, const std::string& path) {
  for (const WeightFormat format : {WeightFormat::int8, WeightFormat::q8_0, WeightFormat::q4_0}) {
    if (name == name_of(format)) return format;
  }
  throw ValueError("quantized file: '{}' is of the format '{}'; int8, q8_0 and q4_0 are read.", {path, name});
}

QuantizedTensor int8_from(SafeTensors& left, const std::string& path, const Shape& shape) {
  QuantizedTensor q{.shape = shape,
                    .options = {.scheme = Scheme::symmetric, .granularity = Granularity::per_channel, .axis = 0}};
  const StoredTensor numbers = taken(left, path, shape, {DType::i8});
  q.values.resize(numbers.bytes.size());
  if (!q.values.empty()) std::memcpy(q.values.data(), numbers.bytes.data(), numbers.bytes.size());
  for (std::size_t i = 0; i < q.values.size(); ++i) {
    if (q.values[i] == -128)
      throw ValueError("quantized file: '{}' holds -128 at {}; symmetric int8 ends at -127.", {path, i});
  }
  const StoredTensor scales = taken(left, path + ".scale", {shape[0]}, {DType::f32});
  for (std::int64_t row = 0; row < shape[0]; ++row) {
    float scale = 0;
    std::memcpy(&scale, scales.bytes.data() + 4 * row, 4);
    if (!std::isfinite(scale) || scale <= 0) {
      throw ValueError("quantized file: '{}.scale' holds {} at {}; needs a number above 0.",
                       {path, double{scale}, row});
    }
    q.params.push_back({.scale = scale, .zero_point = 0, .lowest = -127});
  }
  return q;
}

// The format of the weight at `path`, or nothing; which of the metadata that was is noted in `known`.
std::optional<WeightFormat> format_at(const Metadata& metadata, const std::string& path, std::set<std::string>& known) {
  const auto found = metadata.find("quantized." + path);
  if (found == metadata.end()) return {};
  known.insert(found->first);
  return format_called(found->second, path);
}

void check_metadata(const Metadata& metadata, const std::set<std::string>& known) {
  for (const auto& [key, text] : metadata) {
    const bool about_a_path = key.starts_with("quantized.") || key.starts_with("same.");
    if (about_a_path && !known.contains(key)) {
      throw ValueError("quantized file: it says '{}', and the model has no such weight.", {key});
    }
  }
}

// A stand-in for a place, ready before anything of the model changes.
struct Loaded {
  SmallPlace place;
  std::shared_ptr<Module> linear;  // empty: an Embedding
  std::function<Tensor(const Indices&)> look_up;
};

void put_in_place(const Loaded& each) {
  if (each.linear) {
    each.place.module->replace_with(each.linear);
  } else {
    dynamic_cast<Embedding&>(*each.place.module).replace_with(each.look_up);
  }
}

}  // namespace

std::vector<SmallPlace> small_places(Module& model) {
  std::vector<SmallPlace> places;
  for (const auto& [path, module] : model.named_modules()) {
    const std::string kind = kind_of(*module);
    if (kind != "Linear" && kind != "Unembed" && kind != "Embedding") continue;
    if (is_replaced(*module)) {
      throw ValueError("quantized file: {} has a stand-in: give the float model.", {path});
    }
    SmallPlace place{.path = path, .module = module};
    for (const auto& [name, tensor] : own_parameters(*module)) (name == "bias" ? place.bias : place.weight) = tensor;
    places.push_back(place);
  }
  return places;
}

BlockType block_type_of(WeightFormat format) {
  return format == WeightFormat::q8_0 ? BlockType::q8_0 : BlockType::q4_0;
}

Shape blocks_shape(const std::string& path, const Shape& shape, BlockType type) {
  if (shape[1] % block_size != 0) {
    throw ValueError("quantized file: '{}' is {} in the model, and no rows of blocks.", {path, shape});
  }
  return {shape[0], shape[1] / block_size * block_bytes(type)};
}

void check_block_scales(const std::string& path, std::span<const std::uint8_t> bytes, BlockType type) {
  for (std::size_t at = 0; at < bytes.size(); at += static_cast<std::size_t>(block_bytes(type))) {
    std::uint16_t scale = 0;
    std::memcpy(&scale, bytes.data() + at, 2);
    if (std::isfinite(float_from_half(scale))) continue;
    throw ValueError("quantized file: '{}' has a block at byte {} whose scale is not finite.", {path, at});
  }
}

SmallWeight in_memory(const SharedWeight& weight) {
  const auto table = std::make_shared<QuantizedEmbedding>(weight);
  return {.linear = [weight](const Tensor& bias) { return std::make_shared<QuantizedLinear>(weight, bias); },
          .look_up = [table](const Indices& ids) { return (*table)(ids); }};
}

SmallWeight read_in_memory(SafeTensors& left, const std::string& path, const Shape& shape, WeightFormat format) {
  QuantizedWeight weight{.format = format};
  if (format == WeightFormat::int8) {
    weight.int8 = int8_from(left, path, shape);
    weight.sums = row_sums(weight.int8);
  } else {
    const BlockType type = block_type_of(format);
    weight.blocks = {
        .type = type, .shape = shape, .bytes = taken(left, path, blocks_shape(path, shape, type), {DType::u8}).bytes};
    check_block_scales(path, weight.blocks.bytes, type);
  }
  return in_memory(std::make_shared<QuantizedWeight>(std::move(weight)));
}

void put_small_layers(Module& model, SafeTensors state, const ReadSmall& read) {
  const auto format = state.metadata.find("format");
  if (format == state.metadata.end() || format->second != quantized_format) {
    throw ValueError("quantized file: its metadata do not say \"format\" = \"{}\".", {quantized_format});
  }
  const std::map<std::string, std::string> metadata = state.metadata;
  SafeTensors& left = state;
  StateDict floats = model.state_dict();
  std::set<std::string> known;
  std::map<const void*, std::pair<std::string, SmallWeight>> made;
  std::vector<Loaded> loaded;
  for (const SmallPlace& place : small_places(model)) {
    if (place.weight == nullptr) continue;
    const std::string path = place.in("weight");
    const auto shared = made.find(place.weight->identity());
    if (shared != made.end()) {
      const auto same = metadata.find("same." + path);
      if (same == metadata.end() || same->second != shared->second.first) {
        throw ValueError("quantized file: '{}' and '{}' are one weight in the model, but not in the file.",
                         {shared->second.first, path});
      }
      known.insert(same->first);
    } else if (const auto small = format_at(metadata, path, known)) {
      made[place.weight->identity()] = {path, read(left, path, place.weight->shape(), *small)};
    } else {
      continue;
    }
    floats.erase(path);
    const SmallWeight& weight = made[place.weight->identity()].second;
    Loaded each{.place = place, .linear = {}, .look_up = weight.look_up};
    if (kind_of(*place.module) != "Embedding") {
      Tensor bias;
      if (place.bias != nullptr) {
        const std::string where = place.in("bias");
        bias = Tensor(numbers_at(left, where, place.bias->shape()));
        floats.erase(where);
      }
      each.linear = weight.linear(bias);
    }
    loaded.push_back(std::move(each));
  }
  check_metadata(metadata, known);
  for (auto& [path, array] : floats) array = numbers_at(left, path, array.shape());
  if (!left.tensors.empty()) {
    throw ValueError("quantized file: the model has no place for '{}'.", {left.tensors.begin()->first});
  }
  StateDict whole = model.state_dict();
  for (const auto& [path, array] : floats) whole[path] = array;
  model.load_state_dict(whole);
  for (const Loaded& each : loaded) {
    put_in_place(each);
    *each.place.weight = Tensor();
    if (each.place.bias != nullptr) *each.place.bias = Tensor();
  }
}

}  // namespace rushlight
