// oracle.hpp: attention as plain loops over double: nothing here is shared with the code under test.
#pragma once

#include <cmath>
#include <functional>
#include <limits>

#include "12_attention/attention.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {

constexpr Tolerance attention_tolerance = double_precision ? Tolerance{1e-10, 1e-12} : Tolerance{2e-5, 2e-6};

// May query t of head h in batch b see key s? And what is added to its score?
using MaySee = std::function<bool(std::int64_t b, std::int64_t h, std::int64_t t, std::int64_t s)>;
using Bias = std::function<double(std::int64_t b, std::int64_t h, std::int64_t t, std::int64_t s)>;

struct PlainOptions {
  double scale = 0;  // 0: 1/√K
  MaySee may_see = [](auto, auto, auto, auto) { return true; };
  Bias bias = [](auto, auto, auto, auto) { return 0.0; };
};

struct PlainAttention {
  std::vector<double> pattern;  // (B, H, T, S)
  std::vector<double> out;      // (B, H, T, V)
};

inline PlainAttention plain_attention(const Array& q, const Array& k, const Array& v, const PlainOptions& options) {
  const std::int64_t batch = q.dim(0), heads = q.dim(1), queries = q.dim(2), width = q.dim(3);
  const std::int64_t groups = k.dim(1), keys = k.dim(2), values = v.dim(3);
  const double scale = options.scale != 0 ? options.scale : 1 / std::sqrt(static_cast<double>(width));
  PlainAttention result;
  for (std::int64_t b = 0; b < batch; ++b) {
    for (std::int64_t h = 0; h < heads; ++h) {
      const std::int64_t group = b * groups + h / (heads / groups);
      for (std::int64_t t = 0; t < queries; ++t) {
        std::vector<double> weights;
        double total = 0;
        for (std::int64_t s = 0; s < keys; ++s) {
          double product = 0;
          for (std::int64_t i = 0; i < width; ++i) {
            product += static_cast<double>(q.data()[((b * heads + h) * queries + t) * width + i]) *
                       k.data()[(group * keys + s) * width + i];
          }
          weights.push_back(options.may_see(b, h, t, s) ? std::exp(scale * product + options.bias(b, h, t, s)) : 0);
          total += weights.back();
        }
        for (double& weight : weights) weight = total == 0 ? 0 : weight / total;
        result.pattern.insert(result.pattern.end(), weights.begin(), weights.end());
        for (std::int64_t i = 0; i < values; ++i) {
          double sum = 0;
          for (std::int64_t s = 0; s < keys; ++s) sum += weights[s] * v.data()[(group * keys + s) * values + i];
          result.out.push_back(sum);
        }
      }
    }
  }
  return result;
}

// A mask of any shape that broadcasts to (B, H, T, S), each entry true with probability 0.6.
inline Mask random_mask(const Shape& shape, std::uint64_t seed) {
  Generator g(seed);
  Mask mask(shape);
  for (std::uint8_t& entry : mask.mutable_data()) entry = g.uniform() < 0.6;
  return mask;
}

// values[b, h, t, s] of something of a shape (up to rank 4) that broadcasts to (B, H, T, S).
template <class Values>
auto broadcast_at(const Values& values, const Shape& shape, std::int64_t b, std::int64_t h, std::int64_t t,
                  std::int64_t s) {
  const std::array<std::int64_t, 4> place{b, h, t, s};
  std::int64_t flat = 0;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    const std::int64_t position = shape[axis] == 1 ? 0 : place[4 - shape.rank() + axis];
    flat = flat * shape[axis] + position;
  }
  return values[flat];
}

inline MaySee seen_through(const Mask& mask) {
  return [mask](auto b, auto h, auto t, auto s) {
    return !mask.defined() || broadcast_at(mask.data(), mask.shape(), b, h, t, s) != 0;
  };
}

inline Bias biased_by(const Array& bias) {
  return [bias](auto b, auto h, auto t, auto s) {
    return static_cast<double>(broadcast_at(bias.data(), bias.shape(), b, h, t, s));
  };
}

inline Array last_rows(const Array& x, std::int64_t count) { return slice(x, 2, {x.dim(2) - count}); }

inline Mask mask_of(const Shape& shape, const std::vector<std::uint8_t>& values) { return Mask(shape, values); }

}  // namespace rushlight::test
