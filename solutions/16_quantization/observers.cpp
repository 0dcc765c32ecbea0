// observers.cpp: which range is worth its 256 values?
#include "16_quantization/observers.hpp"

#include <algorithm>
#include <cmath>

#include "01_tensor/todo.hpp"

namespace rushlight {
namespace {

void check_seen(const char* observer, bool seen) {
  if (!seen) throw ValueError("{}: it has seen no number yet: let it observe() some data first.", {observer});
}

// Adds x's numbers, after range_of has looked at them.
void keep(const char* observer, const Array& x, std::vector<float>& numbers) {
  if (x.size() == 0) return;
  const Array here = x.cpu();
  range_of(observer, here.data().data(), here.size());
  for (const Real number : here.data()) numbers.push_back(static_cast<float>(number));
}

// solution helper
// The number at place (n - 1)·share of the sorted numbers, between two neighbours in proportion.
double percentile(const std::vector<float>& sorted, double share) {
  const double at = static_cast<double>(sorted.size() - 1) * share;
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  const double low = sorted[below], high = sorted[above];
  return low + (high - low) * (at - static_cast<double>(below));
}

double squared_error(const std::vector<float>& numbers, const QParams& params) {
  double total = 0;
  for (const float x : numbers) {
    const double off = static_cast<double>(x) - static_cast<double>(dequantize(quantize(x, params), params));
    total += off * off;
  }
  return total;
}
// end solution

}  // namespace

// 16.2 MinMaxObserver::observe  x -> low and high hold its numbers too
// Hint: range_of refuses what is not finite, and needs at least one number. An observer that has seen nothing has no range,
// not even from 0 to 0.
void MinMaxObserver::observe(const Array& x) {
  if (x.size() == 0) return;
  const Array here = x.cpu();
  const Range range = range_of("MinMaxObserver", here.data().data(), here.size());
  low_ = seen_ ? std::min(low_, range.low) : range.low;
  high_ = seen_ ? std::max(high_, range.high) : range.high;
  seen_ = true;
}

// 16.2 MinMaxObserver::calculate_qparams  check_seen, then choose_qparams
// Hint: one line after the check.
QParams MinMaxObserver::calculate_qparams() const {
  check_seen("MinMaxObserver", seen_);
  return choose_qparams(low_, high_, scheme_);
}

MovingAverageMinMaxObserver::MovingAverageMinMaxObserver(Scheme scheme, double averaging_constant)
    : scheme_(scheme), constant_(averaging_constant) {
  if (!(averaging_constant > 0 && averaging_constant <= 1)) {
    throw ValueError("MovingAverageMinMaxObserver: averaging_constant is {}, but it must be above 0 and at most 1.",
                     {averaging_constant});
  }
}

// 16.2 MovingAverageMinMaxObserver::observe  low += c·(the batch's low - low), high alike; the first batch sets them
// Hint: without numbers there is no batch.
void MovingAverageMinMaxObserver::observe(const Array& x) {
  if (x.size() == 0) return;
  const Array here = x.cpu();
  const Range range = range_of("MovingAverageMinMaxObserver", here.data().data(), here.size());
  low_ = seen_ ? low_ + constant_ * (range.low - low_) : range.low;
  high_ = seen_ ? high_ + constant_ * (range.high - high_) : range.high;
  seen_ = true;
}

// 16.2 MovingAverageMinMaxObserver::calculate_qparams  check_seen, then choose_qparams
// Hint: as MinMaxObserver's.
QParams MovingAverageMinMaxObserver::calculate_qparams() const {
  check_seen("MovingAverageMinMaxObserver", seen_);
  return choose_qparams(low_, high_, scheme_);
}

PercentileObserver::PercentileObserver(double percentile, Scheme scheme) : percentile_(percentile), scheme_(scheme) {
  if (!(percentile > 50 && percentile <= 100)) {
    throw ValueError("PercentileObserver: percentile is {}, but it must be above 50 and at most 100.", {percentile});
  }
}

void PercentileObserver::observe(const Array& x) { keep("PercentileObserver", x, numbers_); }

// 16.2 PercentileObserver::calculate_qparams  check_seen; from the (100 - p)th percentile to the pth
//   the pth of n sorted numbers stands at place (n - 1)·p/100, between two neighbours in proportion
// Hint: sort a copy.
QParams PercentileObserver::calculate_qparams() const {
  check_seen("PercentileObserver", !numbers_.empty());
  std::vector<float> sorted = numbers_;
  std::sort(sorted.begin(), sorted.end());
  const double share = percentile_ / 100;
  return choose_qparams(percentile(sorted, 1 - share), percentile(sorted, share), scheme_);
}

void MSEObserver::observe(const Array& x) { keep("MSEObserver", x, numbers_); }

// 16.2 MSEObserver::calculate_qparams  check_seen; of f = 1.00, 0.99, ..., 0.20 the f·low to f·high with the least Σ (x - x̂)²
// Hint: x̂ = dequantize(quantize(x, params), params). Start with f = 1, and let only a smaller error win.
QParams MSEObserver::calculate_qparams() const {
  check_seen("MSEObserver", !numbers_.empty());
  const auto [low, high] = std::minmax_element(numbers_.begin(), numbers_.end());
  QParams best = choose_qparams(*low, *high, scheme_);
  double least = squared_error(numbers_, best);
  for (int percent = 99; percent >= 20; --percent) {
    const double factor = percent / 100.0;
    const QParams params =
        choose_qparams(factor * static_cast<double>(*low), factor * static_cast<double>(*high), scheme_);
    if (const double error = squared_error(numbers_, params); error < least) {
      least = error;
      best = params;
    }
  }
  return best;
}

}  // namespace rushlight
