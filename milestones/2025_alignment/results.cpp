#include "2025_alignment/results.hpp"

#include <algorithm>
#include <cmath>

namespace rushlight::alignment {
namespace {

// Student's t for 95 %, by degrees of freedom.
constexpr double student_t[] = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262};

// The largest of what `value` makes of the reports; NaN where one of them is, so that no claim holds by it.
template <class Report, class Value>
double largest(const std::vector<Report>& reports, const Value& value) {
  double found = value(reports.front());
  for (const Report& report : reports) {
    const double each = value(report);
    if (std::isnan(each)) return each;
    found = std::max(found, each);
  }
  return found;
}

}  // namespace

Interval interval_of(std::span<const double> values) {
  const std::size_t n = values.size();
  if (n < 2 || n > 10) throw ValueError("interval_of: {} numbers, but needs 2 to 10.", {n});
  double mean = 0, squares = 0;
  for (const double value : values) mean += value / static_cast<double>(n);
  for (const double value : values) squares += (value - mean) * (value - mean);
  const double half = student_t[n - 2] * std::sqrt(squares / static_cast<double>(n - 1) / static_cast<double>(n));
  return {mean, mean - half, mean + half};
}

std::int64_t better_students(const Results& results) {
  std::int64_t better = 0;
  for (const Arm arm : arms) {
    if (arm == Arm::plain) continue;
    better += std::ranges::equal(results.of(arm), results.of(Arm::plain), std::less<>());
  }
  return better;
}

std::vector<Claim> claims(const Results& results) {
  std::vector<Claim> found;
  if (!results.of(Arm::taid).empty()) {
    found.push_back(
        {"students better than the plain one on every seed", static_cast<double>(better_students(results)), 2});
  }
  if (const auto& reports = results.preferences; !reports.empty()) {
    found.push_back({"accuracy before, from 50 %",
                     largest(reports, [](const auto& r) { return std::abs(r.accuracy_before - 0.5); }), 0.05, true});
    found.push_back({"accuracy after", -largest(reports, [](const auto& r) { return -r.accuracy_after; }), 0.8});
    found.push_back({"loss on neutral text, relative change",
                     largest(reports, [](const auto& r) { return r.neutral_change(); }), 0.05, true});
  }
  if (const auto& reports = results.rewards; !reports.empty()) {
    found.push_back({"reward, times what it was", -largest(reports, [](const auto& r) { return -r.gain(); }), 2});
  }
  return found;
}

}  // namespace rushlight::alignment
