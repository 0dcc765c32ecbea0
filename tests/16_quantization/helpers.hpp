// helpers.hpp: quantisation in plain loops over double, and small models to quantise.
#pragma once

#include <cmath>
#include <limits>

#include "01_tensor/op_listener.hpp"
#include "03_layers/layers.hpp"
#include "16_quantization/quantization.hpp"
#include "support/lists.hpp"
#include "support/rush_test.hpp"

namespace rushlight {

// How gtest shows these in a failure.
inline void PrintTo(const QParams& p, std::ostream* out) {
  *out << "scale " << testing::PrintToString(p.scale) << ", zero point " << p.zero_point << ", lowest " << p.lowest;
}
inline void PrintTo(const GgufTensor& t, std::ostream* out) {
  *out << "'" << t.name << "' " << name_of(t.type) << " " << t.shape.str() << " " << testing::PrintToString(t.bytes);
}

}  // namespace rushlight

namespace rushlight::test {

using Doubles = std::vector<double>;
constexpr Real real_infinity = std::numeric_limits<Real>::infinity();
constexpr Real real_nan = std::numeric_limits<Real>::quiet_NaN();

inline std::vector<int> ints_of(const std::vector<std::int8_t>& values) { return {values.begin(), values.end()}; }

// Half to even without the function under test: the whole part, and then what is left decides.
inline double even_rounded(double x) {
  const double below = std::floor(x), rest = x - below;
  if (rest < 0.5) return below;
  if (rest > 0.5) return below + 1;
  return std::fmod(below, 2) == 0 ? below : below + 1;
}

// (M, K) times (N, K) transposed, plus bias, in double.
inline Doubles product_of(const Array& x, const Array& weight, const Array& bias = {}) {
  const std::int64_t rows = x.dim(0), outputs = weight.dim(0), inner = x.dim(1);
  Doubles y;
  for (std::int64_t m = 0; m < rows; ++m) {
    for (std::int64_t n = 0; n < outputs; ++n) {
      double total = bias.defined() ? static_cast<double>(bias.data()[n]) : 0;
      for (std::int64_t k = 0; k < inner; ++k) {
        total += static_cast<double>(x.data()[m * inner + k]) * static_cast<double>(weight.data()[n * inner + k]);
      }
      y.push_back(total);
    }
  }
  return y;
}

inline double relative_error(const Array& actual, const Doubles& expected) {
  double off = 0, size = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    off += std::pow(static_cast<double>(actual.data()[i]) - expected[i], 2);
    size += expected[i] * expected[i];
  }
  return std::sqrt(off / size);
}

// Whole numbers that look random.
inline std::vector<std::int8_t> bytes(std::int64_t count, std::uint64_t seed) {
  Generator random(seed);
  std::vector<std::int8_t> values;
  for (std::int64_t i = 0; i < count; ++i) values.push_back(static_cast<std::int8_t>(random.below(256) - 128));
  return values;
}

// The largest block of numbers that `run` takes from module 01's memory, in bytes.
inline std::int64_t largest_block(const std::function<void()>& run) {
  struct Largest : OpListener {
    std::int64_t bytes = 0;
    OpListener* before = set_op_listener(this);
    ~Largest() override { set_op_listener(before); }
    void op(const OpCall&) override {}
    void rule_begins(const Node&) override {}
    void rule_ends(const Node&, const Arrays&) override {}
    void memory(std::int64_t taken) noexcept override { bytes = std::max(bytes, taken); }
  } largest;
  run();
  return largest.bytes;
}

// Two layers and a norm between them; parents call their children with ().
struct SmallNet : Module {
  Linear fc1, fc2;
  LayerNorm norm;

  explicit SmallNet(Generator& random, std::int64_t in = 32, std::int64_t hidden = 64, std::int64_t out = 5)
      : fc1({.in = in, .out = hidden}, random), fc2({.in = hidden, .out = out}, random), norm({.shape = {hidden}}) {}
  Tensor forward(const Tensor& x) override { return fc2(norm(fc1(x))); }
  void members(Members& m) override {
    m("fc1", fc1);
    m("norm", norm);
    m("fc2", fc2);
  }
};

inline const QuantizedPart& part_of(const QuantizeReport& report, const std::string& path) {
  for (const QuantizedPart& part : report.parts) {
    if (part.path == path) return part;
  }
  throw ValueError("the report has no part '{}'.", {path});
}

}  // namespace rushlight::test
