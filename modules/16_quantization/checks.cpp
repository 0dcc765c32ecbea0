// checks.cpp: given. What products ask of their arguments, and small things that several files need.
#include "16_quantization/quantized_layers.hpp"

namespace rushlight {
namespace {

void check_bias(const char* where, const Array& bias, std::int64_t outputs) {
  if (bias.defined() && bias.shape() != Shape{outputs}) {
    throw ShapeError("{}: bias is {}, but there are {} outputs.", {where, bias.shape(), outputs});
  }
}

void check_product(const char* where, const Array& x, const Shape& weight, const Array& bias) {
  if (x.rank() != 2 || weight.rank() != 2 || x.dim(1) != weight[1]) {
    throw ShapeError("{}: x {} and weight {} do not fit: needs (M, K) and (N, K).", {where, x.shape(), weight});
  }
  check_bias(where, bias, weight[0]);
}

}  // namespace

void check_int8_linear(const Array& x, const QuantizedTensor& weight, const std::vector<std::int32_t>& weight_sums,
                       const Array& bias) {
  check_product("int8_linear", x, weight.shape, bias);
  if (static_cast<std::int64_t>(weight_sums.size()) != weight.shape[0]) {
    throw ShapeError("int8_linear: there are {} sums for the {} rows of the weight.",
                     {weight_sums.size(), weight.shape[0]});
  }
  const QuantizeOptions& options = weight.options;
  if (options.scheme != Scheme::symmetric || options.granularity != Granularity::per_channel || options.axis != 0) {
    throw ValueError("int8_linear: the weight must be quantised symmetric, per channel, along axis 0.");
  }
  if (x.dim(1) > longest_int8_row) {
    throw ValueError("int8_linear: rows of {} numbers; the sum of more than {} products may not fit into 32 bits.",
                     {x.dim(1), longest_int8_row});
  }
}

void check_block_linear(const Array& x, const BlockTensor& weight, const Array& bias) {
  check_product("block_linear", x, weight.shape, bias);
}

std::vector<float> floats_of(const Array& x) {
  const Array here = x.cpu();
  return {here.data().begin(), here.data().end()};
}

const char* name_of(WeightFormat format) {
  if (format == WeightFormat::int8) return "int8";
  return format == WeightFormat::q8_0 ? "q8_0" : "q4_0";
}

}  // namespace rushlight
