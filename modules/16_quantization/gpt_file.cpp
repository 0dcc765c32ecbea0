// gpt_file.cpp: given. GPTOptions as text and back.
#include "16_quantization/gpt_file.hpp"

#include <charconv>

#include "07_training/checkpoint.hpp"

namespace rushlight {
namespace {

using Metadata = std::map<std::string, std::string>;

// Every option that is a whole number or a choice.
template <class Options, class Each>
void for_each_option(Options& o, const Each& each) {
  each("gpt.vocabulary", o.vocabulary);
  each("gpt.context", o.context);
  each("gpt.width", o.width);
  each("gpt.layers", o.layers);
  each("gpt.heads", o.heads);
  each("gpt.groups", o.groups);
  each("gpt.hidden", o.hidden);
  each("gpt.tied", o.tied);
  each("gpt.head_bias", o.head_bias);
  each("gpt.positions", o.positions);
}

std::int64_t number_in(const Metadata& metadata, const std::string& key) {
  const auto found = metadata.find(key);
  if (found == metadata.end()) throw ValueError("its metadata has no '{}': it was not written by save_gpt().", {key});
  const std::string& text = found->second;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw ValueError("its '{}' is '{}', which is no whole number.", {key, text});
  }
  return number;
}

}  // namespace

void save_gpt(const std::string& path, GPT& gpt) {
  SafeTensors file;
  for (const auto& [name, array] : gpt.state_dict()) file.tensors[name] = store(array);
  const GPTOptions options = gpt.options();
  for_each_option(options, [&](const char* key, auto value) {
    file.metadata[key] = std::to_string(static_cast<std::int64_t>(value));
  });
  save_safetensors(path, file);
}

GPT load_gpt(const std::string& path) {
  const SafeTensors file = load_safetensors(path);
  try {
    GPTOptions options;
    for_each_option(options, [&](const char* key, auto& value) {
      value = static_cast<std::decay_t<decltype(value)>>(number_in(file.metadata, key));
    });
    Generator random(0);
    GPT gpt(options, random);
    StateDict state;
    for (const auto& [name, stored] : file.tensors) state[name] = load_array(stored);
    gpt.load_state_dict(state);
    gpt.eval();
    return gpt;
  } catch (const Error& error) {
    throw FileError("{}: {}", {path, error.what()});
  }
}

}  // namespace rushlight
