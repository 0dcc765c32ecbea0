// plain.hpp: what the ops of this module must give, as loops over doubles that follow the definitions and share no code
// with the library. Inputs are multiples of 1/8, so that every sum is exact in float, whatever its order: results are
// compared for equality.
#pragma once

#include <cmath>
#include <limits>
#include <vector>

#include "09_spatial/spatial.hpp"
#include "support/installed.hpp"
#include "support/rush_test.hpp"

namespace rushlight {

// How gtest shows sizes in a failure.
inline void PrintTo(const Pair& pair, std::ostream* out) { *out << pair.str(); }

}  // namespace rushlight

namespace rushlight::test {

using Doubles = std::vector<double>;

// For what is rounded on the way.
constexpr Tolerance close = double_precision ? Tolerance{1e-10, 1e-12} : Tolerance{1e-5, 1e-5};

// Multiples of 1/8 between -1.5 and 1.5, seeded.
inline Array eighths(const Shape& shape, std::uint64_t seed) {
  Generator generator(seed);
  Array a(shape);
  for (Real& value : a.mutable_data()) value = static_cast<Real>(generator.below(25) - 12) / 8;
  return a;
}

struct ConvCase {
  std::string name;
  Shape x;
  Shape weight;
  ConvOptions options = {};
  bool bias = true;
};

inline void PrintTo(const ConvCase& c, std::ostream* out) { *out << c.name; }
inline std::string case_name(const testing::TestParamInfo<ConvCase>& info) { return info.param.name; }

// Strides, paddings, dilations and groups, alone and together, per axis, on images that do and do not divide.
inline std::vector<ConvCase> conv_grid() {
  return {
      {"Plain", {2, 3, 5, 6}, {4, 3, 3, 3}},
      {"WithoutBias", {2, 2, 4, 4}, {3, 2, 2, 2}, {}, false},
      {"OnePixelKernel", {2, 3, 4, 5}, {4, 3, 1, 1}},
      {"OnePixelKernelInGroups", {2, 4, 3, 3}, {6, 2, 1, 1}, {.groups = 2}},
      {"OnePixelKernelStride2", {2, 3, 5, 4}, {2, 3, 1, 1}, {.stride = 2}},
      {"OnePixelKernelPadded", {1, 2, 3, 3}, {2, 2, 1, 1}, {.padding = 1}},
      {"FlatKernel", {1, 2, 4, 6}, {3, 2, 1, 4}},
      {"TallKernel", {1, 2, 6, 4}, {3, 2, 4, 1}, {.padding = {2, 0}}},
      {"SamePadding", {2, 2, 4, 5}, {3, 2, 3, 3}, {.padding = 1}},
      {"WidePadding", {1, 1, 3, 3}, {2, 1, 2, 2}, {.padding = 3}},
      {"Stride2", {2, 2, 6, 6}, {3, 2, 2, 2}, {.stride = 2}},
      {"Stride2WithRest", {1, 2, 6, 7}, {2, 2, 3, 3}, {.stride = 2}},
      {"StrideBeyondKernel", {1, 1, 8, 8}, {2, 1, 2, 2}, {.stride = 3}},
      {"Dilated", {1, 2, 6, 7}, {2, 2, 2, 3}, {.dilation = {3, 2}}},
      {"DilatedPadded", {2, 1, 5, 5}, {2, 1, 3, 3}, {.padding = 2, .dilation = 2}},
      {"Groups", {2, 4, 4, 4}, {6, 2, 3, 3}, {.padding = 1, .groups = 2}},
      {"Depthwise", {2, 3, 5, 4}, {6, 1, 2, 2}, {.groups = 3}},
      {"EveryAxisItsOwn",
       {2, 4, 9, 8},
       {4, 2, 2, 3},
       {.stride = {2, 3}, .padding = {1, 2}, .dilation = {3, 1}, .groups = 2}},
      {"KernelAsLargeAsImage", {3, 2, 3, 4}, {5, 2, 3, 4}},
      {"OneImageOnePixel", {1, 1, 1, 1}, {1, 1, 1, 1}},
      {"RowsOfTapsInThePadding", {1, 2, 2, 3}, {2, 2, 3, 2}, {.padding = {3, 0}, .dilation = {3, 1}}},
      {"ColumnsOfTapsInThePadding", {1, 2, 3, 2}, {2, 2, 2, 3}, {.padding = {0, 3}, .dilation = {1, 3}}},
      {"RestAndPadding", {1, 2, 7, 8}, {2, 2, 3, 2}, {.stride = {3, 2}, .padding = {1, 1}}},
  };
}

// One product of the sum that a convolution is.
struct ConvTerm {
  std::size_t y, x, weight, channel;
};

// Every product of a convolution, as flat places; the size of the output by counting, not by a formula.
inline std::vector<ConvTerm> conv_terms(const ConvCase& c, Shape& y) {
  const auto count = [](std::int64_t size, std::int64_t kernel, std::int64_t stride, std::int64_t padding,
                        std::int64_t dilation) {
    std::int64_t places = 0;
    while (places * stride - padding + (kernel - 1) * dilation <= size - 1 + padding) ++places;
    return places;
  };
  const auto& [stride, padding, dilation, groups] = c.options;
  y = {c.x[0], c.weight[0], count(c.x[2], c.weight[2], stride.h, padding.h, dilation.h),
       count(c.x[3], c.weight[3], stride.w, padding.w, dilation.w)};
  std::vector<ConvTerm> terms;
  for (std::int64_t n = 0; n < y[0]; ++n)
    for (std::int64_t g = 0; g < groups; ++g)
      for (std::int64_t k = 0; k < c.weight[0] / groups; ++k)
        for (std::int64_t ch = 0; ch < c.weight[1]; ++ch)
          for (std::int64_t i = 0; i < y[2]; ++i)
            for (std::int64_t j = 0; j < y[3]; ++j)
              for (std::int64_t a = 0; a < c.weight[2]; ++a)
                for (std::int64_t b = 0; b < c.weight[3]; ++b) {
                  const std::int64_t o = g * (c.weight[0] / groups) + k;
                  const std::int64_t row = i * stride.h + a * dilation.h - padding.h;
                  const std::int64_t column = j * stride.w + b * dilation.w - padding.w;
                  if (row < 0 || column < 0 || row > c.x[2] - 1 || column > c.x[3] - 1) continue;
                  const std::int64_t channel = g * c.weight[1] + ch;
                  terms.push_back(
                      {static_cast<std::size_t>(((n * y[1] + o) * y[2] + i) * y[3] + j),
                       static_cast<std::size_t>(((n * c.x[1] + channel) * c.x[2] + row) * c.x[3] + column),
                       static_cast<std::size_t>(((o * c.weight[1] + ch) * c.weight[2] + a) * c.weight[3] + b),
                       static_cast<std::size_t>(o)});
                }
  return terms;
}

struct ConvExample {
  Array x, weight, bias;  // bias undefined without one
  Shape y_shape;
  Doubles y;
  Array grad;               // some dL/dy
  Doubles dx, dweight, db;  // and what follows from it
};

inline ConvExample conv_example(const ConvCase& c) {
  ConvExample e;
  e.x = eighths(c.x, 11);
  e.weight = eighths(c.weight, 12);
  if (c.bias) e.bias = eighths(Shape{c.weight[0]}, 13);
  const std::vector<ConvTerm> terms = conv_terms(c, e.y_shape);
  e.grad = eighths(e.y_shape, 14);
  e.dx.assign(e.x.data().size(), 0);
  e.dweight.assign(e.weight.data().size(), 0);
  e.db.assign(static_cast<std::size_t>(c.weight[0]), 0);
  const std::int64_t plane = e.y_shape[2] * e.y_shape[3];
  for (std::int64_t k = 0; k < e.y_shape.numel(); ++k) {
    const std::int64_t o = k / plane % c.weight[0];
    e.y.push_back(c.bias ? e.bias.data()[o] : 0);
    e.db[o] += e.grad.data()[k];
  }
  const Real *x = e.x.data().data(), *weight = e.weight.data().data(), *grad = e.grad.data().data();
  double *y = e.y.data(), *dx = e.dx.data(), *dweight = e.dweight.data();  // unchecked: there are millions of terms
  for (const ConvTerm& t : terms) {
    y[t.y] += static_cast<double>(weight[t.weight]) * x[t.x];
    dx[t.x] += static_cast<double>(weight[t.weight]) * grad[t.y];
    dweight[t.weight] += static_cast<double>(x[t.x]) * grad[t.y];
  }
  return e;
}

// dL/dinput by the rules, for a given dL/dy.
inline Array gradient_at(const Tensor& y, const Tensor& input, const Array& grad) { return Tape(y, grad).grad(input); }

}  // namespace rushlight::test
