// plain.hpp: the layers of a transformer as plain loops over double, and small models with hook points. Nothing here is
// shared with the code under test.
#pragma once

#include "12_attention/oracle.hpp"
#include "13_transformers/hooks.hpp"
#include "13_transformers/module_cases.hpp"
#include "13_transformers/transformer.hpp"

namespace rushlight::test {

// Values that went through several layers in Real; what the loops compute is rounded to Real between layers as well.
constexpr Tolerance layer_tolerance = double_precision ? Tolerance{1e-9, 1e-11} : Tolerance{5e-5, 5e-6};

inline double largest(const Array& x) {
  double most = 0;
  for (const Real value : x.data()) most = std::max(most, std::abs(static_cast<double>(value)));
  return most;
}

inline Array plain_linear(const Tensor& weight, const Tensor& bias, const Array& x) {
  const std::int64_t out = weight.dim(0), in = weight.dim(1), rows = x.size() / in;
  Array y({rows, out});
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t o = 0; o < out; ++o) {
      double sum = bias.defined() ? bias.value().data()[o] : 0;
      for (std::int64_t i = 0; i < in; ++i) {
        sum += static_cast<double>(weight.value().data()[o * in + i]) * x.data()[r * in + i];
      }
      y.mutable_data()[r * out + o] = static_cast<Real>(sum);
    }
  }
  Shape shape = x.shape();
  shape[shape.rank() - 1] = out;
  return y.with_shape(shape);
}

inline Array plain_linear(const Linear& layer, const Array& x) { return plain_linear(layer.weight, layer.bias, x); }

inline Array plain_gelu(const Array& x) {
  Array y = x.clone();
  for (Real& each : y.mutable_data()) {
    const double v = each;
    each = static_cast<Real>(0.5 * v * (1 + std::tanh(std::sqrt(2 / std::acos(-1.0)) * (v + 0.044715 * v * v * v))));
  }
  return y;
}

struct PlainNorm {
  std::vector<double> scale, normalized;
  Array y;
};

inline PlainNorm plain_norm(const HookedLayerNorm& norm, const Array& x, double eps = 1e-5) {
  const std::int64_t width = norm.weight.size(), rows = x.size() / width;
  PlainNorm result{{}, {}, Array(x.shape())};
  for (std::int64_t r = 0; r < rows; ++r) {
    const auto row = x.data().subspan(r * width, width);
    double mean = 0, variance = 0;
    for (const Real v : row) mean += v / static_cast<double>(width);
    for (const Real v : row) variance += (v - mean) * (v - mean) / static_cast<double>(width);
    result.scale.push_back(std::sqrt(variance + eps));
    for (std::int64_t i = 0; i < width; ++i) {
      const double normalized = (row[i] - mean) / result.scale.back();
      result.normalized.push_back(normalized);
      result.y.mutable_data()[r * width + i] =
          static_cast<Real>(normalized * norm.weight.value().data()[i] + norm.bias.value().data()[i]);
    }
  }
  return result;
}

inline Array plain_feed_forward(const FeedForward& layer, const Array& x) {
  return plain_linear(layer.fc2, plain_gelu(plain_linear(layer.fc1, x)));
}

// (B, T, H·K) <-> (B, H, T, K)
inline Array plain_split(const Array& x, std::int64_t heads) {
  const std::int64_t batch = x.dim(0), length = x.dim(1), width = x.dim(2) / heads;
  Array y({batch, heads, length, width});
  for (std::int64_t i = 0; i < y.size(); ++i) {
    const std::int64_t c = i % width, t = i / width % length, h = i / width / length % heads,
                       b = i / width / length / heads;
    y.mutable_data()[i] = x.data()[((b * length + t) * heads + h) * width + c];
  }
  return y;
}

inline Array plain_merge(const Array& x) {
  const std::int64_t batch = x.dim(0), heads = x.dim(1), length = x.dim(2), width = x.dim(3);
  Array y({batch, length, heads * width});
  for (std::int64_t i = 0; i < y.size(); ++i) {
    const std::int64_t c = i % width, h = i / width % heads, t = i / width / heads % length,
                       b = i / width / heads / length;
    y.mutable_data()[i] = x.data()[((b * heads + h) * length + t) * width + c];
  }
  return y;
}

// Pairs of neighbours turned by t / 10000^(2i/K). x (B, H, T, K).
inline Array plain_rotary(const Array& x, std::int64_t start = 0) {
  const std::int64_t length = x.dim(2), width = x.dim(3);
  Array y(x.shape());
  for (std::int64_t i = 0; i < x.size(); i += 2) {
    const auto position = static_cast<double>(start + i / width % length);
    const double angle = position / std::pow(10000.0, static_cast<double>(i % width) / static_cast<double>(width));
    const double a = x.data()[i], b = x.data()[i + 1];
    y.mutable_data()[i] = static_cast<Real>(a * std::cos(angle) - b * std::sin(angle));
    y.mutable_data()[i + 1] = static_cast<Real>(a * std::sin(angle) + b * std::cos(angle));
  }
  return y;
}

struct PlainHeads {
  Array q, k, v;  // (B, H, T, K); k and v with G heads
  PlainAttention attention;
  Array out;  // (B, T, D)
};

inline PlainHeads plain_attend(const HookedAttention& layer, const Array& x, const Array& context,
                               const PlainOptions& options = {}, bool turn = false) {
  PlainHeads result;
  result.q = plain_split(plain_linear(layer.q, x), layer.heads());
  result.k = plain_split(plain_linear(layer.k, context), layer.groups());
  result.v = plain_split(plain_linear(layer.v, context), layer.groups());
  if (turn) result.q = plain_rotary(result.q), result.k = plain_rotary(result.k);
  result.attention = plain_attention(result.q, result.k, result.v, options);
  const std::vector<double>& z = result.attention.out;
  result.out = plain_linear(layer.out, plain_merge(Array(result.q.shape(), std::vector<Real>(z.begin(), z.end()))));
  return result;
}

inline const PlainOptions& plain_causal() {
  static const PlainOptions options{.may_see = [](auto, auto, auto t, auto s) { return s <= t; }};
  return options;
}

inline Array plus(const Array& a, const Array& b) {
  Array sum = a.clone();
  for (std::int64_t i = 0; i < sum.size(); ++i) sum.mutable_data()[i] += b.data()[i % b.size()];
  return sum;
}

inline Array plain_block(const TransformerBlock& block, const Array& x, const PlainOptions& options = {},
                         bool turn = false) {
  const Array read = plain_norm(block.ln1, x).y;
  const Array middle = plus(x, plain_attend(block.attn, read, read, options, turn).out);
  return plus(middle, plain_feed_forward(block.mlp, plain_norm(block.ln2, middle).y));
}

inline Array plain_decoder(const DecoderLayer& layer, const Array& x, const Array& memory, const PlainOptions& self,
                           const PlainOptions& cross) {
  const Array read = plain_norm(layer.ln1, x).y;
  Array stream = plus(x, plain_attend(layer.self_attn, read, read, self).out);
  stream = plus(stream, plain_attend(layer.cross_attn, plain_norm(layer.ln2, stream).y, memory, cross).out);
  return plus(stream, plain_feed_forward(layer.mlp, plain_norm(layer.ln3, stream).y));
}

// --- models with hook points -------------------------------------------------------------------------------------

// Two layers of one hook point each, one point at the end: y = (2x + 1)·3, all of it linear.
struct ToyLayer : Module {
  HookPoint hook_in;
  Tensor forward(const Tensor& x) override { return hook_in(x) * weight; }
  void members(Members& m) override {
    m("hook_in", hook_in);
    m("weight", weight);
  }
  Tensor weight;
  explicit ToyLayer(Real value) : weight(Array({1}, {value}), true) {}
};

struct Toy : Module {
  ToyLayer first{2}, second{3};
  HookPoint hook_out;
  Tensor forward(const Tensor& x) override { return hook_out(second(first(x) + Tensor(Real{1}))); }
  void members(Members& m) override {
    m("blocks.0", first);
    m("blocks.1", second);
    m("hook_out", hook_out);
  }
};

inline std::vector<std::string> names_of(const NamedHookPoints& points) {
  std::vector<std::string> names;
  for (const auto& [name, point] : points) names.push_back(name);
  return names;
}

// A hook that looks and leaves everything as it is.
inline ForwardHook watch(const std::function<void(const Tensor&)>& look = [](const Tensor&) {}) {
  return [look](const Tensor& x, HookPlace&) {
    look(x);
    return Tensor();
  };
}

inline GradientHook watch_gradient(const std::function<void(const Array&)>& look = [](const Array&) {}) {
  return [look](const Array& g, HookPlace&) {
    look(g);
    return Array();
  };
}

}  // namespace rushlight::test
