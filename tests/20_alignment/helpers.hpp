// helpers.hpp: golden files of this module, its losses in plain loops over double, and gradients of a whole model.
#pragma once

#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "20_alignment/alignment.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {

using Doubles = std::vector<double>;
using nlohmann::json;

constexpr Tolerance loss_tolerance = double_precision ? Tolerance{1e-10, 1e-12} : Tolerance{2e-6, 4e-7};

// --- golden files ------------------------------------------------------------------------------------------------

inline json golden_20(const std::string& name) { return golden("20/" + name + ".json"); }

inline Mask mask_of(const json& nested) {
  const Doubles values = values_of(nested);
  return Mask(shape_of(nested), std::vector<std::uint8_t>(values.begin(), values.end()));
}

inline Indices ids_of(const json& nested) {
  const Doubles values = values_of(nested);
  return Indices(shape_of(nested), std::vector<std::int32_t>(values.begin(), values.end()));
}

inline testing::AssertionResult near_golden(const Array& actual, const json& expected, Tolerance tolerance) {
  return near(actual, shape_of(expected), values_of(expected), tolerance);
}

// --- gradients ---------------------------------------------------------------------------------------------------

struct ValueAndGradient {
  double value;
  Array gradient;
};

// A scalar loss of one leaf. The naive tape does the backward pass.
inline ValueAndGradient at(const std::function<Tensor(const Tensor&)>& loss, const Array& x) {
  const Tensor leaf(x, true);
  const Tensor y = loss(leaf);
  const Array gradient = Tape(y, Array::full(y.shape(), 1)).grad(leaf);
  return {static_cast<double>(y.item()), gradient};
}

using Gradients = std::map<std::string, Array>;

// Of every parameter, by the tape; a parameter that is not reached is not there.
inline Gradients gradients_of(Module& model, const Tensor& loss) {
  const Tape tape(loss, Array::full({}, 1));
  Gradients gradients;
  for (const auto& [name, parameter] : model.named_parameters()) {
    if (tape.reached(parameter)) gradients[name] = tape.grad(parameter);
  }
  return gradients;
}

inline double largest(const Array& x) {
  double most = 0;
  for (const Real value : x.data()) most = std::max(most, std::abs(static_cast<double>(value)));
  return most;
}

inline bool all_finite(const Array& x) {
  return std::all_of(x.data().begin(), x.data().end(), [](Real value) { return std::isfinite(value); });
}

// a·x + b·y, name by name, in double.
inline std::map<std::string, Doubles> combined(const Gradients& x, double a, const Gradients& y, double b) {
  std::map<std::string, Doubles> sums;
  for (const auto& [name, values] : x) {
    Doubles sum = to_doubles(values);
    const Doubles other = to_doubles(y.at(name));
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] = a * sum[i] + b * other[i];
    sums[name] = sum;
  }
  return sums;
}

// --- plain loops -------------------------------------------------------------------------------------------------

inline Doubles plain_log_softmax(std::span<const Real> row, double temperature = 1) {
  double most = -infinity, total = 0;
  for (const Real z : row) most = std::max(most, static_cast<double>(z) / temperature);
  for (const Real z : row) total += std::exp(static_cast<double>(z) / temperature - most);
  Doubles logs;
  for (const Real z : row) logs.push_back(static_cast<double>(z) / temperature - most - std::log(total));
  return logs;
}

inline double plain_kl(const Doubles& log_p, const Doubles& log_q) {
  double total = 0;
  for (std::size_t i = 0; i < log_p.size(); ++i) total += std::exp(log_p[i]) * (log_p[i] - log_q[i]);
  return total;
}

inline std::span<const Real> row_of(const Array& logits, std::int64_t row) {
  const auto width = static_cast<std::size_t>(logits.dim(-1));
  return logits.data().subspan(static_cast<std::size_t>(row) * width, width);
}

inline double softplus_of_minus(double x) { return std::max(-x, 0.0) + std::log1p(std::exp(-std::abs(x))); }

// What does not count may be broken, on either side and in every way: value and gradient are those of whole logits.
using Distillation = std::function<Tensor(const Tensor& student, const Tensor& teacher)>;
inline void expect_no_trace(const Distillation& loss, const Array& student, const Array& teacher, const Mask& mask) {
  const auto run = [&](const Array& s, const Array& t) { return at([&](const Tensor& x) { return loss(x, t); }, s); };
  const auto broken = [&](const Array& logits, double by) {
    Array result = logits.clone();
    for (std::int64_t row = 0; row < mask.size(); ++row) {
      if (mask.data()[row] == 0) result.mutable_data()[row * logits.dim(-1) + 1] = static_cast<Real>(by);
    }
    return result;
  };
  const ValueAndGradient whole = run(student, teacher);
  for (const double by : {not_a_number, infinity, -infinity}) {
    const ValueAndGradient hurt[] = {run(broken(student, by), teacher), run(student, broken(teacher, by))};
    for (const int side : {0, 1}) {
      EXPECT_EQ(hurt[side].value, whole.value) << by << (side == 0 ? " of the student" : " of the teacher");
      EXPECT_TRUE(near(hurt[side].gradient, whole.gradient, exactly))
          << by << (side == 0 ? " of the student" : " of the teacher");
    }
  }
}

// A mask of the given places.
inline Mask truth(const Shape& shape, const std::vector<std::uint8_t>& values) { return Mask(shape, values); }

}  // namespace rushlight::test
