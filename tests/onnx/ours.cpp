// ours.cpp: Linear layers one after the other, in float or in int8, for ONNX Runtime to do the same (peer.cpp).
//   bench_onnx_ours write WEIGHTS-ROWSxLAYERS FILE    the model for ONNX Runtime: "s8-256x16" is 16 layers on 256 rows
//   bench_onnx_ours WEIGHTS-ROWSxLAYERS THREADS       answers as serve.hpp says; a step is all layers once
// WEIGHTS: float; s8 or u8, the type of the bytes in the file, which is int8 here.
#include <fstream>

#include "16_quantization/quantization.hpp"
#include "chain.hpp"
#include "model.hpp"
#include "ours.hpp"

namespace benchmarks {
namespace {

using namespace rushlight;

struct Asked {
  std::string weights;
  std::int64_t rows, layers;
};

Asked asked(const std::string& name) {
  const std::size_t dash = name.find('-'), times = name.find('x', dash);
  if (dash == std::string::npos || times == std::string::npos)
    throw ValueError("\"{}\" is not WEIGHTS-ROWSxLAYERS.", {name});
  return {name.substr(0, dash), std::stoll(name.substr(dash + 1)), std::stoll(name.substr(times + 1))};
}

std::vector<float> floats(const Array& x) { return {x.data().begin(), x.data().end()}; }

// In ±√(3/width): what passes through keeps its size.
Array weight_of(std::int64_t layer) {
  return array("weight " + std::to_string(layer), {chain_width, chain_width}) *
         static_cast<Real>(std::sqrt(3.0 / chain_width));
}

Array bias_of(std::int64_t layer) { return array("bias " + std::to_string(layer), {chain_width}) * Real{0.1}; }

// "s8": codes from -63 to 63 only, as `reduce_range` has them. Where a processor has no VNNI, ONNX Runtime adds two products of an
// unsigned and a signed byte in 16 bits, which hold 2·255·63 and not 2·255·127: with all codes its answer is another one.
SharedWeight small_weight(const Asked& what, std::int64_t layer) {
  QuantizedWeight small = quantize_weight(weight_of(layer), WeightFormat::int8);
  if (what.weights == "s8") {
    for (std::int8_t& code : small.int8.values) code /= 2;
    for (QParams& row : small.int8.params) row.scale *= 2;
    small.sums = row_sums(small.int8);
  }
  return std::make_shared<QuantizedWeight>(std::move(small));
}

std::unique_ptr<Module> layer_of(const Asked& what, std::int64_t layer) {
  if (what.weights != "float") {
    return std::make_unique<QuantizedLinear>(small_weight(what, layer), Tensor(bias_of(layer)));
  }
  Generator random(1);
  auto linear = std::make_unique<Linear>(LinearOptions{.in = chain_width, .out = chain_width}, random);
  linear->weight.set_value(weight_of(layer));
  linear->bias.set_value(bias_of(layer));
  return linear;
}

class Layers : public Network {
 public:
  explicit Layers(const Asked& what) : x_(Array({what.rows, chain_width}, chain_input(what.rows))) {
    for (std::int64_t layer = 0; layer < what.layers; ++layer) layers_.push_back(layer_of(what, layer));
  }

  double step() override {
    const NoGrad off;
    y_ = x_;
    for (const auto& layer : layers_) y_ = (*layer)(y_);
    return static_cast<double>(y_.value().data()[0]);
  }

  std::vector<Named> gradients() override {  // what both programs must agree on
    return {{"output", floats(y_.value())}};
  }

  std::vector<std::string> accelerate(const std::vector<std::string>& ops) override { return use_kernels(ops); }

 private:
  Tensor x_, y_;
  std::vector<std::unique_ptr<Module>> layers_;
};

// (outputs, inputs), around 0 -> (inputs, outputs), around `zero`
std::string turned(const std::vector<std::int8_t>& codes, std::uint8_t zero) {
  const auto width = static_cast<std::size_t>(chain_width);
  std::string result(codes.size(), '\0');
  for (std::size_t out = 0; out < width; ++out) {
    for (std::size_t in = 0; in < width; ++in) {
      result[in * width + out] = static_cast<char>(codes[out * width + in] + zero);
    }
  }
  return result;
}

void write(const std::string& name, const std::string& path) {
  const Asked what = asked(name);
  onnx::Chain chain(what.rows, chain_width, what.layers);
  const bool is_signed = what.weights == "s8";
  for (std::int64_t layer = 0; layer < what.layers; ++layer) {
    if (what.weights == "float") {
      chain.linear(floats(weight_of(layer)), floats(bias_of(layer)));
      continue;
    }
    const SharedWeight small = small_weight(what, layer);
    std::vector<float> scales;
    for (const QParams& row : small->int8.params) scales.push_back(row.scale);
    const std::uint8_t zero = is_signed ? 0 : 128;
    chain.quantized(is_signed ? onnx::Type::int8 : onnx::Type::uint8, turned(small->int8.values, zero), zero, scales,
                    floats(bias_of(layer)));
  }
  std::ofstream file(path, std::ios::binary);
  if (!(file << chain.encoded()).flush()) throw ValueError("cannot write {}.", {path});
}

std::unique_ptr<Network> make(const std::string& name, int) { return std::make_unique<Layers>(asked(name)); }

}  // namespace
}  // namespace benchmarks

int main(int argc, char** argv) { return benchmarks::serve_or_write(argc, argv, benchmarks::make, benchmarks::write); }
