// plain.hpp: what the kernels must give, as loops over double that follow the definitions and share no code with the
// library.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "guards.hpp"

namespace rushlight::test {

using Doubles = std::vector<double>;

// Whole numbers between -4 and 4, seeded: a product of matrices of them is exact, in whatever order it is added up.
inline Array whole_numbers(const Shape& shape, std::uint64_t seed) {
  Generator generator(seed);
  Array a(shape);
  for (Real& value : a.mutable_data()) value = static_cast<Real>(generator.below(9) - 4);
  return a;
}

inline Doubles plain_matmul(const Array& a, const Array& b) {
  const std::int64_t rows = a.dim(0), depth = a.dim(1), columns = b.dim(1);
  const Real *left = a.data().data(), *right = b.data().data();
  Doubles y(static_cast<std::size_t>(rows * columns));
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t k = 0; k < depth; ++k) {
      const double factor = left[i * depth + k];
      for (std::int64_t j = 0; j < columns; ++j) y[i * columns + j] += factor * right[k * columns + j];
    }
  }
  return y;
}

// --- activations ---------------------------------------------------------------------------------------------------

inline long double tanh_of_gelu(long double x) {
  return std::tanh(std::sqrt(2 / std::acos(-1.0L)) * (x + 0.044715L * x * x * x));
}

inline double plain_gelu(double x) { return static_cast<double>(x / 2.0L * (1 + tanh_of_gelu(x))); }

inline double plain_gelu_slope(double x) {
  const long double t = tanh_of_gelu(x), v = x;
  const long double inner = std::sqrt(2 / std::acos(-1.0L)) * (1 + 3 * 0.044715L * v * v);
  return static_cast<double>((1 + t) / 2 + v / 2 * (1 - t * t) * inner);
}

// Along rows of `length`.
inline Doubles plain_softmax(const Doubles& x, std::size_t length) {
  Doubles y(x.size());
  for (std::size_t start = 0; start < x.size(); start += length) {
    double largest = -std::numeric_limits<double>::infinity(), total = 0;
    for (std::size_t i = start; i < start + length; ++i) largest = std::max(largest, x[i]);
    for (std::size_t i = start; i < start + length; ++i) total += std::exp(x[i] - largest);
    for (std::size_t i = start; i < start + length; ++i) y[i] = std::exp(x[i] - largest) / total;
  }
  return y;
}

inline Doubles plain_softmax_gradient(const Doubles& grad, const Doubles& y, std::size_t length) {
  Doubles dx(y.size());
  for (std::size_t start = 0; start < y.size(); start += length) {
    double mean = 0;
    for (std::size_t i = start; i < start + length; ++i) mean += grad[i] * y[i];
    for (std::size_t i = start; i < start + length; ++i) dx[i] = y[i] * (grad[i] - mean);
  }
  return dx;
}

// --- rows ------------------------------------------------------------------------------------------------------------

struct PlainNorm {
  Doubles y, mean, rstd, dx, dweight, dbias;
};

// weight and bias may be undefined; dweight and dbias are there all the same.
inline PlainNorm plain_layer_norm(const Array& x, const Array& weight, const Array& bias, double eps,
                                  const Array& grad) {
  const std::int64_t rows = x.dim(0), width = x.dim(1);
  const double count = static_cast<double>(width);
  PlainNorm r;
  r.dweight.assign(static_cast<std::size_t>(width), 0);
  r.dbias = r.dweight;
  for (std::int64_t row = 0; row < rows; ++row) {
    const auto in = x.data().subspan(row * width, width), g = grad.data().subspan(row * width, width);
    double mean = 0, variance = 0;
    for (const double value : in) mean += value / count;
    for (const double value : in) variance += (value - mean) * (value - mean) / count;
    const double rstd = 1 / std::sqrt(variance + eps);
    Doubles h, normal;
    double mean_h = 0, mean_product = 0;
    for (std::int64_t i = 0; i < width; ++i) {
      normal.push_back((in[i] - mean) * rstd);
      h.push_back(weight.defined() ? static_cast<double>(g[i]) * weight.data()[i] : g[i]);
      r.y.push_back(weight.defined() ? normal[i] * weight.data()[i] + bias.data()[i] : normal[i]);
      mean_h += h[i] / count;
      mean_product += h[i] * normal[i] / count;
      r.dweight[i] += g[i] * normal[i];
      r.dbias[i] += g[i];
    }
    for (std::int64_t i = 0; i < width; ++i) r.dx.push_back(rstd * (h[i] - mean_h - normal[i] * mean_product));
    r.mean.push_back(mean);
    r.rstd.push_back(rstd);
  }
  return r;
}

struct PlainCrossEntropy {
  Doubles losses, maxima, log_sums, dx;
};

inline PlainCrossEntropy plain_cross_entropy(const Array& logits, const Indices& labels,
                                             const CrossEntropyOptions& options, const Array& grad) {
  const std::int64_t classes = logits.dim(-1);
  PlainCrossEntropy r;
  for (std::int64_t row = 0; row < labels.size(); ++row) {
    const auto x = logits.data().subspan(row * classes, classes);
    const std::int32_t label = labels.data()[row];
    double largest = -std::numeric_limits<double>::infinity(), total = 0, loss = 0;
    for (const double value : x) largest = std::max(largest, value);
    for (const double value : x) total += std::exp(value - largest);
    for (std::int64_t c = 0; c < classes; ++c) {
      const double log_p = x[c] - largest - std::log(total);
      const double spread = options.label_smoothing / static_cast<double>(classes);
      const double target = spread + (c == label ? 1 - options.label_smoothing : 0);
      const bool counts = label != options.ignore_index;
      if (counts && target != 0) loss -= target * log_p;
      r.dx.push_back(counts ? grad.data()[row] * (std::exp(log_p) - target) : 0);
    }
    r.losses.push_back(loss);
    r.maxima.push_back(largest);
    r.log_sums.push_back(std::log(total));
  }
  return r;
}

}  // namespace rushlight::test
