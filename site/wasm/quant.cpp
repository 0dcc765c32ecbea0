// quant.cpp: 256 numbers, one of them perhaps far larger than the others, rounded by module 16 in one of its ways.
#include "01_tensor/random.hpp"
#include "16_quantization/blocks.hpp"
#include "16_quantization/numbers.hpp"
#include "json.hpp"
#include "widgets.hpp"

namespace rushlight::live {
namespace {

constexpr std::int64_t rows = 4, columns = 64, outlier_at = 100;

struct Rounded {
  Array values;
  double bits;  // for each number, its share of the scales included
};

Rounded by(const QuantizeOptions& options, const Array& x) {
  const QuantizedTensor q = quantize(x, options);
  constexpr double bits_of_scale = 32;
  return {dequantize(q), 8 + bits_of_scale * double(q.params.size()) / double(x.size())};
}
Rounded by(BlockType type, const Array& x) {
  const BlockTensor blocks = quantize_blocks(x, type);
  return {dequantize(blocks), 8.0 * double(blocks.bytes.size()) / double(x.size())};
}

Rounded rounded(const std::string& kind, std::int64_t group, const Array& x) {
  if (kind == "tensor") return by({.granularity = Granularity::per_tensor}, x);
  if (kind == "channel") return by({.granularity = Granularity::per_channel, .axis = 0}, x);
  if (kind == "group") return by({.granularity = Granularity::per_group, .group = group}, x);
  if (kind == "q8_0") return by(BlockType::q8_0, x);
  if (kind == "q4_0") return by(BlockType::q4_0, x);
  throw ValueError("quant: there is no kind {}; there are tensor, channel, group, q8_0 and q4_0.", {kind});
}

}  // namespace

std::string quant(Request& request) {
  const std::string kind = request.word();
  const std::int64_t group = request.whole(1, columns);
  const auto outlier = static_cast<Real>(request.real());
  Generator random(static_cast<std::uint64_t>(request.whole(0, 1000000)));
  Array x = randn({rows, columns}, random);
  x.mutable_data()[outlier_at] = outlier;
  const Rounded y = rounded(kind, group, x);
  return "{\"x\":" + list(x) + ",\"y\":" + list(y.values) + ",\"sqnr\":" + number(sqnr(x, y.values)) +
         ",\"bits\":" + number(y.bits) + "}";
}

}  // namespace rushlight::live
