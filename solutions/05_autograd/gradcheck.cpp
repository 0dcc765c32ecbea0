// gradcheck.cpp: derivatives against the definition of a derivative.
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "01_tensor/todo.hpp"
#include "05_autograd/autograd.hpp"

namespace rushlight {
namespace {  // solution

using Function = std::function<Tensor(const Tensors&)>;

double probe_weight(std::size_t k) { return 0.21 + 0.13 * static_cast<double>(k % 11); }

// L = sum(c * f(inputs)), in double. Nothing is recorded.
double probe_loss(const Function& f, const Arrays& inputs) {
  const NoGrad off;
  const Tensor y = f(Tensors(inputs.begin(), inputs.end()));
  double loss = 0;
  std::size_t k = 0;
  for (const Real value : y.value().data()) loss += probe_weight(k++) * static_cast<double>(value);
  return loss;
}

Array probe_seed(const Shape& shape) {
  Array seed(shape);
  std::size_t k = 0;
  for (Real& value : seed.mutable_data()) value = static_cast<Real>(probe_weight(k++));
  return seed;
}

bool same_value(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

// NaN and infinite differences count as infinitely wrong: a comparison with NaN is never true.
double relative_difference(double analytic, double numeric) {
  const double difference = std::abs(analytic - numeric) / std::max({std::abs(analytic), std::abs(numeric), 1.0});
  return std::isfinite(difference) ? difference : std::numeric_limits<double>::infinity();
}

void compare_entries(const Array& analytic, const Array& numeric, std::size_t input, GradcheckReport& report) {
  for (std::int64_t entry = 0; entry < numeric.size(); ++entry) {
    const double a = analytic.defined() ? analytic.data()[entry] : 0;
    const double difference = relative_difference(a, numeric.data()[entry]);
    if (difference <= report.worst) continue;
    report.worst = difference;
    report.input = input;
    report.entry = entry;
    report.message = formatted("input {}, entry {}: backward() gives {}, a central difference {} (relative {:.2g}){}",
                               {input, entry, a, numeric.data()[entry], difference,
                                analytic.defined() ? "" : "; no gradient arrived at this input"});
  }
}

GradcheckReport failure(std::string message) { return {.passed = false, .message = std::move(message)}; }

}  // namespace

// 05.5 central_differences  f, inputs, i, step -> dL/d(inputs[i]), the shape of inputs[i];  L = Σ_k c_k · f(inputs)_k
//   ∂L/∂x_j ≈ (L(x + h·e_j) - L(x - h·e_j)) / (2h),   c_k = 0.21 + 0.13 · (k mod 11)
// Sum L in double. x + h is rounded: divide by the distance between the two places that were really visited.
// f must record nothing, and the caller's inputs must not change.
// Hint: clone inputs[i], change one entry of the clone, call f, put the entry back. NoGrad turns recording off.
Array central_differences(const std::function<Tensor(const Tensors&)>& f, const Arrays& inputs, std::size_t i,
                          double step) {
  Arrays moved = inputs;
  moved[i] = inputs[i].clone();
  const auto loss_at = [&](std::size_t entry, Real value) {
    const Real before = std::exchange(moved[i].mutable_data()[entry], value);
    const double loss = probe_loss(f, moved);
    moved[i].mutable_data()[entry] = before;
    return loss;
  };
  Array gradient(inputs[i].shape());
  const auto entries = gradient.mutable_data();
  for (std::size_t entry = 0; entry < entries.size(); ++entry) {
    const double here = inputs[i].data()[entry];
    const auto high = static_cast<Real>(here + step);
    const auto low = static_cast<Real>(here - step);
    const double rise = loss_at(entry, high) - loss_at(entry, low);
    entries[entry] = static_cast<Real>(rise / (static_cast<double>(high) - static_cast<double>(low)));
  }
  return gradient;
}

// 05.5 gradcheck  f, inputs -> whether backward(f(leaves), c) agrees with central_differences everywhere, and where not
// relative difference = |a - n| / max(|a|, |n|, 1), infinite where that is not finite; passed = worst <= tolerance.
// An undefined gradient counts as zeros. Two more ways to fail, each with a message: f's output has no graph; f gives
// two different values for the same inputs. What f throws comes through; the inputs and the grad mode stay as they were.
// Hint: make leaves with Tensor(array, true). Write the comparison so that NaN fails: !(x <= tolerance).
GradcheckReport gradcheck(const std::function<Tensor(const Tensors&)>& f, const Arrays& inputs,
                          GradcheckOptions options) {
  if (!same_value(probe_loss(f, inputs), probe_loss(f, inputs))) {
    return failure("two calls with the same inputs gave different values: switch dropout off, or seed what is random.");
  }
  Tensors leaves;
  for (const Array& input : inputs) leaves.emplace_back(input, true);
  const Tensor y = f(leaves);
  if (!y.requires_grad()) return failure("the output has no place in the graph: some op on the way was not recorded.");
  backward(y, probe_seed(y.shape()));
  GradcheckReport report;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    compare_entries(leaves[i].grad(), central_differences(f, inputs, i, options.step), i, report);
  }
  report.passed = report.worst <= options.tolerance;
  if (report.passed) report.message.clear();
  return report;
}

}  // namespace rushlight
