// quantized_file.cpp: given.
#include "16_quantization/quantized_file.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <set>

#include "11_embeddings/embeddings.hpp"
#include "16_quantization/fake_quantize.hpp"

namespace rushlight {
namespace {

constexpr const char* format_name = "rushlight-quantized-1";

std::string joined(const std::string& path, const std::string& name) { return path.empty() ? name : path + "." + name; }

// A layer whose weight may be small.
struct Place {
  std::string path;  // of the module
  Module* module = nullptr;
  Tensor *weight = nullptr, *bias = nullptr;

  std::string weight_path() const { return joined(path, "weight"); }
};

std::vector<Place> places_of(Module& model) {
  std::vector<Place> places;
  for (const auto& [path, module] : model.named_modules()) {
    const std::string kind = kind_of(*module);
    if (kind != "Linear" && kind != "Unembed" && kind != "Embedding") continue;
    const auto* table = dynamic_cast<Embedding*>(module);
    if (module->stand_in() || (table != nullptr && table->is_replaced())) {
      throw ValueError("quantized file: {} has a stand-in: give the float model.", {path});
    }
    Place place{.path = path, .module = module};
    for (const auto& [name, tensor] : own_parameters(*module)) (name == "bias" ? place.bias : place.weight) = tensor;
    places.push_back(place);
  }
  return places;
}

template <class T>
std::vector<std::uint8_t> raw(const std::vector<T>& numbers) {
  std::vector<std::uint8_t> bytes(sizeof(T) * numbers.size());
  if (!numbers.empty()) std::memcpy(bytes.data(), numbers.data(), bytes.size());
  return bytes;
}

void put_weight(SafeTensors& state, const std::string& path, const QuantizedWeight& weight) {
  const std::int64_t rows = weight.shape()[0];
  state.metadata["quantized." + path] = name_of(weight.format);
  if (weight.format != WeightFormat::int8) {
    const auto size = static_cast<std::int64_t>(weight.blocks.bytes.size());
    state.tensors[path] = {.dtype = DType::u8, .shape = {rows, size / rows}, .bytes = weight.blocks.bytes};
    return;
  }
  std::vector<float> scales;
  for (const QParams& params : weight.int8.params) scales.push_back(params.scale);
  state.tensors[path] = {.dtype = DType::i8, .shape = weight.shape(), .bytes = raw(weight.int8.values)};
  state.tensors[path + ".scale"] = {.dtype = DType::f32, .shape = {rows}, .bytes = raw(scales)};
}

const char* name_of(DType dtype) {
  constexpr const char* names[] = {"F32", "F64", "I64", "U8", "I8"};
  return names[static_cast<std::size_t>(dtype)];
}

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

BlockTensor blocks_from(SafeTensors& left, const std::string& path, const Shape& shape, BlockType type) {
  if (shape[1] % block_size != 0) {
    throw ValueError("quantized file: '{}' is {} in the model, and no rows of blocks.", {path, shape});
  }
  const std::int64_t bytes = block_bytes(type), row = shape[1] / block_size * bytes;
  BlockTensor blocks{.type = type, .shape = shape, .bytes = taken(left, path, {shape[0], row}, {DType::u8}).bytes};
  for (std::size_t at = 0; at < blocks.bytes.size(); at += static_cast<std::size_t>(bytes)) {
    std::uint16_t scale = 0;
    std::memcpy(&scale, blocks.bytes.data() + at, 2);
    if (std::isfinite(float_from_half(scale))) continue;
    throw ValueError("quantized file: '{}' has a block at byte {} whose scale is not finite.", {path, at});
  }
  return blocks;
}

SharedWeight weight_from(SafeTensors& left, const std::string& path, const Shape& shape, WeightFormat format) {
  QuantizedWeight weight{.format = format};
  if (format == WeightFormat::int8) {
    weight.int8 = int8_from(left, path, shape);
    weight.sums = row_sums(weight.int8);
  } else {
    weight.blocks = blocks_from(left, path, shape, format == WeightFormat::q8_0 ? BlockType::q8_0 : BlockType::q4_0);
  }
  return std::make_shared<QuantizedWeight>(std::move(weight));
}

// The format of the weight at `path`, or nothing; which of the metadata that was is noted in `known`.
std::optional<WeightFormat> format_at(const SafeTensors& state, const std::string& path, std::set<std::string>& known) {
  const auto found = state.metadata.find("quantized." + path);
  if (found == state.metadata.end()) return {};
  known.insert(found->first);
  return format_called(found->second, path);
}

void check_metadata(const SafeTensors& state, const std::set<std::string>& known) {
  for (const auto& [key, text] : state.metadata) {
    const bool about_a_path = key.starts_with("quantized.") || key.starts_with("same.");
    if (about_a_path && !known.contains(key)) {
      throw ValueError("quantized file: it says '{}', and the model has no such weight.", {key});
    }
  }
}

// A stand-in for a place, ready before anything of the model changes.
struct Loaded {
  Place place;
  SharedWeight weight;
  std::shared_ptr<Module> linear;  // empty: an Embedding
};

void put_in_place(const Loaded& each) {
  if (each.linear) {
    each.place.module->replace_with(each.linear);
  } else {
    const auto table = std::make_shared<QuantizedEmbedding>(each.weight);
    dynamic_cast<Embedding&>(*each.place.module).replace_with([table](const Indices& ids) { return (*table)(ids); });
  }
}

}  // namespace

SafeTensors quantized_state(Module& model, WeightFormat format, const std::vector<std::string>& skip) {
  check_skip(model, skip);
  SafeTensors state;
  state.metadata["format"] = format_name;
  StateDict rest = model.state_dict();
  std::map<const void*, std::string> first;  // where a weight that is small stands
  for (const Place& place : places_of(model)) {
    if (place.weight == nullptr || is_skipped(place.path, skip)) continue;
    const std::string path = place.weight_path();
    const auto known = first.find(place.weight->identity());
    if (known != first.end()) {
      state.metadata["same." + path] = known->second;
      rest.erase(path);
      continue;
    }
    try {
      put_weight(state, path, quantize_weight(place.weight->value(), format));
    } catch (const Error&) {
      continue;  // as quantize(): what the format cannot hold stays float
    }
    first[place.weight->identity()] = path;
    rest.erase(path);
  }
  for (const auto& [path, array] : rest) state.tensors[path] = store(array);
  return state;
}

void load_quantized_state(Module& model, const SafeTensors& state) {
  const auto format = state.metadata.find("format");
  if (format == state.metadata.end() || format->second != format_name) {
    throw ValueError("quantized file: its metadata do not say \"format\" = \"{}\".", {format_name});
  }
  SafeTensors left = state;
  StateDict floats = model.state_dict();
  std::set<std::string> known;
  std::map<const void*, std::pair<std::string, SharedWeight>> made;
  std::vector<Loaded> loaded;
  for (const Place& place : places_of(model)) {
    if (place.weight == nullptr) continue;
    const std::string path = place.weight_path();
    const auto shared = made.find(place.weight->identity());
    if (shared != made.end()) {
      const auto same = state.metadata.find("same." + path);
      if (same == state.metadata.end() || same->second != shared->second.first) {
        throw ValueError("quantized file: '{}' and '{}' are one weight in the model, but not in the file.",
                         {shared->second.first, path});
      }
      known.insert(same->first);
    } else if (const auto small = format_at(state, path, known)) {
      made[place.weight->identity()] = {path, weight_from(left, path, place.weight->shape(), *small)};
    } else {
      continue;
    }
    floats.erase(path);
    const SharedWeight& weight = made[place.weight->identity()].second;
    Loaded each{.place = place, .weight = weight, .linear = {}};
    if (kind_of(*place.module) != "Embedding") {
      Tensor bias;
      if (place.bias != nullptr) {
        const std::string where = joined(place.path, "bias");
        bias = Tensor(numbers_at(left, where, place.bias->shape()));
        floats.erase(where);
      }
      each.linear = std::make_shared<QuantizedLinear>(weight, bias);
    }
    loaded.push_back(std::move(each));
  }
  check_metadata(state, known);
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

void save_quantized(const std::string& path, Module& model, WeightFormat format, const std::vector<std::string>& skip) {
  save_safetensors(path, quantized_state(model, format, skip));
}

void load_quantized(const std::string& path, Module& model) {
  const SafeTensors state = load_safetensors(path);
  try {
    load_quantized_state(model, state);
  } catch (const Error& error) {
    throw FileError("{}: {}", {path, error.what()});
  }
}

}  // namespace rushlight
