// report.cpp: given. Names and parameters of one module, and a report as a table.
#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <typeinfo>

#include "16_quantization/fake_quantize.hpp"

namespace rushlight {
namespace {

class Own : public Members {
 public:
  std::vector<std::pair<std::string, Tensor*>> found;

  void parameter(std::string_view name, Tensor& parameter) override {
    if (parameter.defined()) found.emplace_back(name, &parameter);
  }
  void buffer(std::string_view, Tensor&) override {}
  void child(std::string_view, Module&) override {}
};

bool is_within(const std::string& path, const std::string& ancestor) {
  return path == ancestor || path.starts_with(ancestor + ".");
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

std::string in_decibels(double value) { return formatted("{} dB", {static_cast<std::int64_t>(value * 10) / 10.0}); }

}  // namespace

std::string kind_of(const Module& module) {
  int status = 0;
  char* whole = abi::__cxa_demangle(typeid(module).name(), nullptr, nullptr, &status);
  const std::string name = status == 0 ? whole : typeid(module).name();
  std::free(whole);  // NOLINT: the interface is C's
  const std::size_t colon = name.rfind("::");
  return colon == std::string::npos ? name : name.substr(colon + 2);
}

std::vector<std::pair<std::string, Tensor*>> own_parameters(Module& module) {
  Own own;
  module.members(own);
  return own.found;
}

bool is_skipped(const std::string& path, const std::vector<std::string>& skip) {
  return std::any_of(skip.begin(), skip.end(), [&](const std::string& each) { return is_within(path, each); });
}

void check_skip(Module& model, const std::vector<std::string>& skip) {
  for (const std::string& wanted : skip) {
    const auto modules = model.named_modules();
    const auto fits = [&](const auto& named) { return named.first == wanted; };
    if (std::any_of(modules.begin(), modules.end(), fits)) continue;
    throw ValueError("skip names '{}', but no module has this path: named_modules() lists those that there are.",
                     {wanted});
  }
}

std::int64_t QuantizeReport::bytes_before() const {
  std::int64_t total = 0;
  for (const QuantizedPart& part : parts) total += part.bytes_before;
  return total;
}

std::int64_t QuantizeReport::bytes_after() const {
  std::int64_t total = 0;
  for (const QuantizedPart& part : parts) total += part.bytes_after;
  return total;
}

std::string QuantizeReport::table() const {
  std::size_t longest = 4;
  for (const QuantizedPart& part : parts) longest = std::max(longest, part.path.size());
  const auto line = [&](const std::string& path, const std::string& kind, std::int64_t before, std::int64_t after,
                        const std::string& what) {
    return padded(path, longest + 2) + padded(kind, 18) + padded(std::to_string(before), 12) +
           padded(std::to_string(after), 12) + what + "\n";
  };
  std::string text = padded("part", longest + 2) + padded("kind", 18) + padded("bytes", 12) + padded("now", 12) + "\n";
  for (const QuantizedPart& part : parts) {
    const std::string what = part.quantized ? in_decibels(part.weight_sqnr) : "unchanged: " + part.why;
    text += line(part.path, part.kind, part.bytes_before, part.bytes_after, what);
  }
  return text + line("all", "", bytes_before(), bytes_after(), "");
}

}  // namespace rushlight
