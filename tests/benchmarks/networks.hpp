// networks.hpp: the networks that are timed, in sizes and numbers that both programs share. Neither Rushlight nor
// libtorch is known here, so that nothing can favour one of them.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace benchmarks {

struct MlpSizes {
  std::int64_t batch, inputs;
  std::vector<std::int64_t> layers;  // outputs of each
  bool adam;                         // else plain SGD
};

struct CnnSizes {  // 3x3 convolutions with padding 1, relu, 2x2 max pooling, twice; then one linear layer
  std::int64_t batch, side;
  std::vector<std::int64_t> channels;  // of the image and of each convolution
  std::int64_t classes;
};

struct GptSizes {
  std::int64_t batch, tokens, vocabulary, width, layers, heads;
};

inline const MlpSizes mlp_a{.batch = 32, .inputs = 64, .layers = {32, 10}, .adam = false};
inline const MlpSizes mlp_b{.batch = 64, .inputs = 784, .layers = {256, 128, 10}, .adam = true};
inline const CnnSizes cnn_c{.batch = 32, .side = 28, .channels = {1, 8, 16}, .classes = 10};
inline const GptSizes gpt_d{.batch = 16, .tokens = 64, .vocabulary = 65, .width = 128, .layers = 4, .heads = 4};
inline const GptSizes gpt_e{.batch = 8, .tokens = 128, .vocabulary = 65, .width = 256, .layers = 6, .heads = 8};

// Adam's is not its usual 1e-3: with that, the input of a relu in b comes so close to 0 within twenty steps that
// rounding decides on which side it lies. Libtorch's gradient then differs by 15 % from the one in double precision,
// and neither program is wrong. With 2e-3 both differ from it by 1e-4.
constexpr double sgd_lr = 0.05, momentum = 0.9, adam_lr = 2e-3, adamw_lr = 3e-4, adamw_decay = 0.01, clip_norm = 1.0;

// Numbers in [-scale, scale) that depend on the name alone: splitmix64 (Steele, Lea and Flood, 2014), seeded with the
// name's FNV-1a hash.
inline std::vector<float> uniform(std::string_view name, std::int64_t count, double scale) {
  std::uint64_t state = 14695981039346656037ULL;
  for (const char c : name) state = (state ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) {
    std::uint64_t z = state += 0x9E3779B97F4A7C15ULL;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    z ^= z >> 31;
    value = static_cast<float>((static_cast<double>(z >> 11) * 0x1.0p-52 - 1.0) * scale);
  }
  return values;
}

inline std::vector<std::int64_t> integers(std::string_view name, std::int64_t count, std::int64_t limit) {
  std::vector<std::int64_t> values;
  for (const float u : uniform(name, count, 0.5)) {
    values.push_back(std::min(static_cast<std::int64_t>((u + 0.5F) * static_cast<float>(limit)), limit - 1));
  }
  return values;
}

// Where a parameter starts. Gains of norms are near 1, embeddings and biases near 0, weights in ±1/√(fan in).
inline std::vector<float> initial(const std::string& name, const std::vector<std::int64_t>& shape) {
  std::int64_t count = 1;
  for (const std::int64_t size : shape) count *= size;
  const bool table = name.find("embed") != std::string::npos && name.find("unembed") == std::string::npos;
  const double fan_in = static_cast<double>(count / shape[0]);
  std::vector<float> values = uniform(name, count, shape.size() == 1 || table ? 0.02 : 1 / std::sqrt(fan_in));
  if (shape.size() == 1 && name.find("ln") != std::string::npos && name.ends_with("weight")) {
    for (float& value : values) value += 1;
  }
  return values;
}

// One matrix product of a training step, (m, k) by (k, n), done `times` times.
struct Product {
  std::int64_t m, n, k, times;
};

namespace detail {
// A linear layer: the product itself, the gradient of the weight and, unless the layer is the first, of the input.
inline void add_linear(std::vector<Product>& list, std::int64_t rows, std::int64_t in, std::int64_t out, bool first) {
  list.push_back({rows, out, in, 1});
  list.push_back({out, in, rows, 1});
  if (!first) list.push_back({rows, in, out, 1});
}
}  // namespace detail

inline std::vector<Product> products(const MlpSizes& net) {
  std::vector<Product> list;
  std::int64_t in = net.inputs;
  for (const std::int64_t out : net.layers) {
    detail::add_linear(list, net.batch, in, out, in == net.inputs && list.empty());
    in = out;
  }
  return list;
}

// Convolutions as one product per image, (out, in·9) by (in·9, side²).
inline std::vector<Product> products(const CnnSizes& net) {
  std::vector<Product> list;
  std::int64_t side = net.side;
  for (std::size_t i = 1; i < net.channels.size(); ++i) {
    const std::int64_t taps = net.channels[i - 1] * 9, pixels = side * side;
    list.push_back({net.channels[i], pixels, taps, net.batch});
    list.push_back({net.channels[i], taps, pixels, net.batch});
    if (i > 1) list.push_back({taps, pixels, net.channels[i], net.batch});
    side /= 2;
  }
  detail::add_linear(list, net.batch, net.channels.back() * side * side, net.classes, false);
  return list;
}

inline std::vector<Product> products(const GptSizes& net) {
  std::vector<Product> list;
  const std::int64_t rows = net.batch * net.tokens, width = net.width, pairs = net.batch * net.heads;
  const std::int64_t head = width / net.heads, tokens = net.tokens;
  for (std::int64_t layer = 0; layer < net.layers; ++layer) {
    detail::add_linear(list, rows, width, 3 * width, false);
    list.push_back({tokens, tokens, head, 2 * pairs});  // scores, and the gradient of the pattern
    list.push_back({tokens, head, tokens, 4 * pairs});  // z, and the gradients of queries, keys and values
    detail::add_linear(list, rows, width, width, false);
    detail::add_linear(list, rows, width, 4 * width, false);
    detail::add_linear(list, rows, 4 * width, width, false);
  }
  detail::add_linear(list, rows, width, net.vocabulary, false);
  return list;
}

inline std::vector<Product> products(const std::string& network) {
  if (network == "a") return products(mlp_a);
  if (network == "b") return products(mlp_b);
  if (network == "c") return products(cnn_c);
  if (network == "d") return products(gpt_d);
  if (network == "e") return products(gpt_e);
  return {};  // a single op: it has no floor to compare with
}

}  // namespace benchmarks
