// quantized_file.cpp: given. A model's weights on their way into a file.
#include "16_quantization/quantized_file.hpp"

#include <cstring>
#include <map>

#include "16_quantization/fake_quantize.hpp"
#include "16_quantization/quantized_parts.hpp"

namespace rushlight {
namespace {

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

}  // namespace

SafeTensors quantized_state(Module& model, WeightFormat format, const std::vector<std::string>& skip) {
  check_skip(model, skip);
  SafeTensors state;
  state.metadata["format"] = quantized_format;
  StateDict rest = model.state_dict();
  std::map<const void*, std::string> first;  // where a weight that is small stands
  for (const SmallPlace& place : small_places(model)) {
    if (place.weight == nullptr || is_skipped(place.path, skip)) continue;
    const std::string path = place.in("weight");
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

void save_quantized(const std::string& path, Module& model, WeightFormat format, const std::vector<std::string>& skip) {
  save_safetensors(path, quantized_state(model, format, skip));
}

void load_quantized_state(Module& model, const SafeTensors& state) { put_small_layers(model, state, read_in_memory); }

void load_quantized(const std::string& path, Module& model) {
  SafeTensors state = load_safetensors(path);
  try {
    put_small_layers(model, std::move(state), read_in_memory);
  } catch (const Error& error) {
    throw FileError("{}: {}", {path, error.what()});
  }
}

}  // namespace rushlight
