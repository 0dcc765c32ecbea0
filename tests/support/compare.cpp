#include "support/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

#include "01_tensor/guard.hpp"

namespace rushlight::test {
namespace {

using Doubles = std::vector<double>;

bool close(double actual, double expected, Tolerance tolerance) {
  if (std::isnan(actual) || std::isnan(expected)) return std::isnan(actual) && std::isnan(expected);
  if (std::isinf(actual) || std::isinf(expected)) return actual == expected;
  return std::abs(actual - expected) <= tolerance.atol + tolerance.rtol * std::abs(expected);
}

bool all_close(const Doubles& actual, const Doubles& expected, Tolerance tolerance) {
  return std::equal(actual.begin(), actual.end(), expected.begin(), expected.end(),
                    [&](double a, double e) { return close(a, e, tolerance); });
}

std::string index_text(const Shape& shape, std::int64_t flat) {
  std::string text;
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    text = fmt::format("{}{}", flat % shape[axis], text.empty() ? "" : ", " + text);
    flat /= shape[axis];
  }
  return "[" + text + "]";
}

std::string neighbourhood(const Doubles& values, std::size_t at) {
  const std::size_t first = at < 2 ? 0 : at - 2;
  const std::size_t last = std::min(values.size(), first + 5);
  std::string text = first > 0 ? "... " : "";
  for (std::size_t i = first; i < last; ++i)
    text += fmt::format(fmt::runtime(i == at ? "[{:.7g}] " : "{:.7g} "), values[i]);
  return text + (last < values.size() ? "..." : "");
}

bool looks_scaled(const Doubles& actual, const Doubles& expected, double factor, Tolerance tolerance) {
  Doubles scaled = expected;
  for (double& value : scaled) value *= factor;
  return all_close(actual, scaled, tolerance);
}

// By what all expected values seem to be multiplied, read off the largest of them. One value alone is always a multiple
// of another, so that only a number with some digits counts as evidence there.
std::optional<double> common_factor(const Doubles& actual, const Doubles& expected, Tolerance tolerance) {
  const auto smaller = [](double a, double b) { return std::abs(a) < std::abs(b); };
  const auto largest = std::max_element(expected.begin(), expected.end(), smaller);
  if (largest == expected.end() || *largest == 0) return {};
  const double factor = actual[static_cast<std::size_t>(largest - expected.begin())] / *largest;
  if (!std::isfinite(factor) || factor == 0) return {};
  const auto zeros = std::count(expected.begin(), expected.end(), 0.0);
  const bool one_value = static_cast<std::ptrdiff_t>(expected.size()) - zeros < 2;
  if (one_value && *largest * 8 == std::round(*largest * 8)) return {};
  return looks_scaled(actual, expected, factor, tolerance) ? std::optional(factor) : std::nullopt;
}

// ", the size of axis 1", where there is one.
std::string named_count(const Shape& shape, double count) {
  for (int axis = 0; axis < shape.rank(); ++axis) {
    if (static_cast<double>(shape[axis]) == count) return fmt::format(", the size of axis {}", axis);
  }
  return static_cast<double>(shape.numel()) == count ? ", the number of its elements" : "";
}

std::string guess_of_factor(const Shape& shape, const Doubles& actual, const Doubles& expected, Tolerance tolerance) {
  const std::optional<double> factor = common_factor(actual, expected, tolerance);
  if (!factor) return "";
  const double times = std::round(*factor), part = std::round(1 / *factor);
  if (times >= 3 && looks_scaled(actual, expected, times, tolerance)) {
    return fmt::format("It is {} times too large{}: a sum where a mean belongs, or a 1/count missing?", times,
                       named_count(shape, times));
  }
  if (part >= 3 && looks_scaled(actual, expected, 1 / part, tolerance)) {
    return fmt::format("It is {} times too small{}: a mean where a sum belongs, or divided twice?", part,
                       named_count(shape, part));
  }
  return expected.size() < 3 ? "" : fmt::format("Every value is {:.4g} times the right one: a factor?", *factor);
}

bool looks_transposed(const Shape& shape, const Doubles& actual, const Doubles& expected, Tolerance tolerance) {
  if (shape.rank() != 2 || shape[0] < 2 || shape[1] < 2) return false;
  Doubles transposed(expected.size());
  for (std::int64_t row = 0; row < shape[0]; ++row) {
    for (std::int64_t column = 0; column < shape[1]; ++column) {
      transposed[column * shape[0] + row] = expected[row * shape[1] + column];
    }
  }
  return all_close(actual, transposed, tolerance);
}

bool all_zero(const Doubles& values) {
  return std::all_of(values.begin(), values.end(), [](double value) { return value == 0; });
}

// The first number that holds what fresh memory is full of.
std::string unwritten(const Array& array) {
  const auto values = array.data();
  const auto first = std::find_if(values.begin(), values.end(), guard::never_written);
  if (first == values.end()) return "";
  const auto count = std::count_if(first, values.end(), guard::never_written);
  return fmt::format("Element {} was never written{}, or was made from a number that was not.",
                     index_text(array.shape(), first - values.begin()),
                     count > 1 ? fmt::format(" (nor were {} others)", count - 1) : "");
}

testing::AssertionResult compare(const Array& actual, const Shape& shape, const Doubles& expected,
                                 Tolerance tolerance) {
  if (!actual.defined())
    return testing::AssertionFailure() << "there is no array at all (expected " << shape.str() << ")";
  if (actual.shape() != shape) {
    return testing::AssertionFailure() << "shape is " << actual.shape().str() << ", expected " << shape.str();
  }
  if (static_cast<std::int64_t>(expected.size()) != shape.numel()) {
    return testing::AssertionFailure() << "the test itself expects " << expected.size() << " values for "
                                       << shape.str();
  }
  const Doubles values = to_doubles(actual);
  std::size_t bad = 0;
  std::size_t first = values.size();
  for (std::size_t i = values.size(); i-- > 0;) {
    if (close(values[i], expected[i], tolerance)) continue;
    ++bad;
    first = i;
  }
  if (bad == 0) return testing::AssertionSuccess();
  std::string guess = unwritten(actual);
  if (guess.empty()) guess = diagnose(shape, values, expected, tolerance);
  return testing::AssertionFailure() << fmt::format(
             "{} of {} values differ; the first is at {} of {}: {:.9g}, expected {:.9g} (rtol {:g}, atol {:g})\n"
             "  actual:   {}\n  expected: {}{}",
             bad, values.size(), index_text(shape, static_cast<std::int64_t>(first)), shape, values[first],
             expected[first], tolerance.rtol, tolerance.atol, neighbourhood(values, first),
             neighbourhood(expected, first), guess.empty() ? "" : "\n  " + guess);
}

}  // namespace

std::vector<double> to_doubles(const Array& array) { return {array.data().begin(), array.data().end()}; }

std::string diagnose(const Shape& shape, const Doubles& actual, const Doubles& expected, Tolerance tolerance) {
  if (all_zero(actual) && !all_zero(expected)) return "It is zero everywhere: was it ever written?";
  if (looks_transposed(shape, actual, expected, tolerance)) return "It looks transposed.";
  if (looks_scaled(actual, expected, -1, tolerance)) return "The sign looks flipped.";
  if (looks_scaled(actual, expected, 2, tolerance)) return "It looks like twice the right value: added twice?";
  if (looks_scaled(actual, expected, 0.5, tolerance)) return "It looks like half the right value: a term missing?";
  return guess_of_factor(shape, actual, expected, tolerance);
}

testing::AssertionResult near(const Array& actual, const Shape& shape, const Doubles& expected, Tolerance tolerance) {
  return compare(actual, shape, expected, tolerance);
}

testing::AssertionResult near(const Array& actual, const Array& expected, Tolerance tolerance) {
  return compare(actual, expected.shape(), to_doubles(expected), tolerance);
}

testing::AssertionResult same_bits(const Array& actual, const Array& expected) {
  if (actual.shape() != expected.shape()) return near(actual, expected, exactly);
  if (std::memcmp(actual.data().data(), expected.data().data(), actual.data().size_bytes()) == 0) {
    return testing::AssertionSuccess();
  }
  const testing::AssertionResult detail = near(actual, expected, exactly);
  return detail ? testing::AssertionFailure() << "equal as numbers, but not bit for bit (-0 and 0, or two NaNs)"
                : detail;
}

testing::AssertionResult same(const Indices& actual, const Shape& shape, const std::vector<std::int32_t>& expected) {
  if (actual.shape() != shape) {
    return testing::AssertionFailure() << "shape is " << actual.shape().str() << ", expected " << shape.str();
  }
  const std::vector<std::int32_t> values(actual.data().begin(), actual.data().end());
  if (values == expected) return testing::AssertionSuccess();
  return testing::AssertionFailure() << testing::PrintToString(values) << ", expected "
                                     << testing::PrintToString(expected);
}

testing::AssertionResult same(const Mask& actual, const Shape& shape, const std::vector<int>& expected) {
  if (actual.shape() != shape) {
    return testing::AssertionFailure() << "shape is " << actual.shape().str() << ", expected " << shape.str();
  }
  const std::vector<int> values(actual.data().begin(), actual.data().end());
  if (values == expected) return testing::AssertionSuccess();
  return testing::AssertionFailure() << testing::PrintToString(values) << ", expected "
                                     << testing::PrintToString(expected);
}

testing::AssertionResult grad_ok(const Array& grad, const Shape& shape, double floor) {
  if (!grad.defined())
    return testing::AssertionFailure() << "no gradient arrived: the graph is severed above this point";
  if (grad.shape() != shape) {
    return testing::AssertionFailure() << "the gradient is " << grad.shape().str() << ", the value " << shape.str()
                                       << ": was a broadcast not summed back?";
  }
  double largest = 0;
  for (const Real value : grad.data()) {
    if (guard::never_written(value)) return testing::AssertionFailure() << "in the gradient: " << unwritten(grad);
    if (!std::isfinite(value)) return testing::AssertionFailure() << "the gradient contains " << value;
    largest = std::max(largest, std::abs(static_cast<double>(value)));
  }
  if (largest > floor) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "the largest gradient is " << largest << ", not above " << floor
                                     << ": it arrives, but carries nothing";
}

}  // namespace rushlight::test
