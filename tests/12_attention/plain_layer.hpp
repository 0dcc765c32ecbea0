// plain_layer.hpp: multi-head attention as plain loops over double.
#pragma once

#include "oracle.hpp"

namespace rushlight::test {

inline MultiHeadAttention layer(MultiHeadOptions options, std::uint64_t seed = 1) {
  Generator g(seed);
  return MultiHeadAttention(options, g);
}

// x·Wᵀ + b with plain loops, as (B, heads, T, K).
inline Array projected(const Linear& linear, const Array& x, std::int64_t heads) {
  const std::int64_t batch = x.dim(0), length = x.dim(1), in = x.dim(2), out = linear.weight.dim(0),
                     width = out / heads;
  Array y({batch, heads, length, width});
  const auto to = y.mutable_data();
  for (std::int64_t b = 0; b < batch; ++b) {
    for (std::int64_t t = 0; t < length; ++t) {
      for (std::int64_t o = 0; o < out; ++o) {
        double sum = linear.bias.defined() ? linear.bias.value().data()[o] : 0;
        for (std::int64_t i = 0; i < in; ++i) {
          sum += static_cast<double>(linear.weight.value().data()[o * in + i]) * x.data()[(b * length + t) * in + i];
        }
        to[((b * heads + o / width) * length + t) * width + o % width] = static_cast<Real>(sum);
      }
    }
  }
  return y;
}

// The whole layer in plain loops.
inline std::vector<double> plain_layer(const MultiHeadAttention& m, const Array& x, const Array& context,
                                       std::int64_t heads, std::int64_t groups, const PlainOptions& options) {
  const std::int64_t batch = x.dim(0), length = x.dim(1), width = x.dim(2), k = width / heads;
  const std::vector<double> z = plain_attention(projected(m.q, x, heads), projected(m.k, context, groups),
                                                projected(m.v, context, groups), options)
                                    .out;
  Array merged({batch, length, width});
  for (std::int64_t i = 0; i < merged.size(); ++i) {
    const std::int64_t b = i / width / length, t = i / width % length, h = i % width / k;
    merged.mutable_data()[i] = static_cast<Real>(z[((b * heads + h) * length + t) * k + i % k]);
  }
  return to_doubles(reshape(projected(m.out, merged, 1), {batch, length, width}));
}

}  // namespace rushlight::test
