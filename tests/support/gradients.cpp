#include "support/gradients.hpp"

#include <fmt/format.h>

#include <cmath>

#include "support/rush_test.hpp"

namespace rushlight::test {
namespace {

double probe(const Array& y) {
  const Array c = cotangent(y.shape());
  double loss = 0;
  for (std::size_t i = 0; i < y.data().size(); ++i) loss += static_cast<double>(c.data()[i]) * y.data()[i];
  return loss;
}

Tensors constants(const Arrays& inputs) { return Tensors(inputs.begin(), inputs.end()); }

bool differentiable(const GradientOptions& options, std::size_t i) {
  return options.differentiable.empty() || options.differentiable[i];
}

// Where the test asked, as __FILE__ and __LINE__ give it.
struct Place {
  const char* file;
  int line;
};

void fail(Place place, const std::string& message) { ADD_FAILURE_AT(place.file, place.line) << message; }

void expect_entries(std::size_t input, const Array& analytic, const Array& numeric, double tolerance, Place place) {
  for (std::size_t i = 0; i < analytic.data().size(); ++i) {
    const double a = analytic.data()[i];
    const double n = numeric.data()[i];
    const double allowed = tolerance * std::max({std::abs(a), std::abs(n), 1.0});
    if (std::abs(a - n) <= allowed) continue;
    std::string guess = diagnose(analytic.shape(), to_doubles(analytic), to_doubles(numeric), {tolerance, tolerance});
    return fail(place, fmt::format("input {} {}, entry {}: the rule gives {}, a central difference {}{}", input,
                                   analytic.shape(), i, a, n, guess.empty() ? "" : "\n  " + guess));
  }
}

}  // namespace

Array randn(const Shape& shape, std::uint64_t seed) {
  Generator generator(seed);
  return rushlight::randn(shape, generator);
}

Array uniform(const Shape& shape, std::uint64_t seed, double low, double high) {
  Generator generator(seed);
  return rand(shape, generator, low, high);
}

Array cotangent(const Shape& shape) {
  Array c(shape);
  std::int64_t i = 0;
  for (Real& value : c.mutable_data()) value = static_cast<Real>(0.21 + 0.13 * static_cast<double>(i++ % 11));
  return c;
}

Array numeric_gradient(const Function& f, const Arrays& inputs, std::size_t i, double step) {
  Array gradient(inputs[i].shape());
  const auto entries = gradient.mutable_data();
  for (std::size_t entry = 0; entry < entries.size(); ++entry) {
    const auto loss_at = [&](double offset) {
      Arrays moved = inputs;
      moved[i] = inputs[i].clone();
      Real& value = moved[i].mutable_data()[entry];
      value = static_cast<Real>(value + offset);
      return std::pair(probe(f(constants(moved)).value()), static_cast<double>(value));
    };
    const auto [above, high] = loss_at(step);
    const auto [below, low] = loss_at(-step);
    entries[entry] = static_cast<Real>((above - below) / (high - low));  // the step that float really took
  }
  return gradient;
}

Arrays tape_gradients(const Function& f, const Arrays& inputs) {
  Tensors leaves;
  for (const Array& input : inputs) leaves.emplace_back(input, true);
  const Tensor y = f(leaves);
  const Tape tape(y, cotangent(y.shape()));
  Arrays gradients;
  for (const Tensor& leaf : leaves) gradients.push_back(tape.grad(leaf));
  return gradients;
}

void expect_gradients(const Function& f, const Arrays& inputs, const GradientOptions& options, const char* file,
                      int line) {
  const Place place{file, line};
  Arrays analytic;
  try {
    analytic = tape_gradients(f, inputs);
  } catch (const Error& error) {
    return fail(place, error.what());
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!differentiable(options, i)) continue;
    const testing::AssertionResult arrived = grad_ok(analytic[i], inputs[i].shape(), options.floor);
    if (!arrived) {
      fail(place, fmt::format("input {}: {}", i, arrived.message()));
    } else {
      expect_entries(i, analytic[i], numeric_gradient(f, inputs, i, options.step), options.tolerance, place);
    }
  }
}

}  // namespace rushlight::test
