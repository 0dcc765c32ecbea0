#include "support/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

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
  const std::string guess = diagnose(shape, values, expected, tolerance);
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
  for (int axis = 0; axis < shape.rank(); ++axis) {
    const auto size = static_cast<double>(shape[axis]);
    if (size < 3) continue;
    if (looks_scaled(actual, expected, size, tolerance)) {
      return fmt::format("It is {} times too large, the size of axis {}: a sum where a mean belongs?", size, axis);
    }
    if (looks_scaled(actual, expected, 1 / size, tolerance)) {
      return fmt::format("It is {} times too small, the size of axis {}: a mean where a sum belongs?", size, axis);
    }
  }
  return "";
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
    if (!std::isfinite(value)) return testing::AssertionFailure() << "the gradient contains " << value;
    largest = std::max(largest, std::abs(static_cast<double>(value)));
  }
  if (largest > floor) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "the largest gradient is " << largest << ", not above " << floor
                                     << ": it arrives, but carries nothing";
}

}  // namespace rushlight::test
