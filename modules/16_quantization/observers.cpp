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

}  // namespace

// 16.2 MinMaxObserver::observe  x -> low and high hold its numbers too
// Hint: range_of refuses what is not finite, and needs at least one number. An observer that has seen nothing has no range,
// not even from 0 to 0.
void MinMaxObserver::observe(const Array& x) {
  todo("16.2");
}

// 16.2 MinMaxObserver::calculate_qparams  check_seen, then choose_qparams
// Hint: one line after the check.
QParams MinMaxObserver::calculate_qparams() const {
  todo("16.2");
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
  todo("16.2");
}

// 16.2 MovingAverageMinMaxObserver::calculate_qparams  check_seen, then choose_qparams
// Hint: as MinMaxObserver's.
QParams MovingAverageMinMaxObserver::calculate_qparams() const {
  todo("16.2");
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
  todo("16.2");
}

void MSEObserver::observe(const Array& x) { keep("MSEObserver", x, numbers_); }

// 16.2 MSEObserver::calculate_qparams  check_seen; of f = 1.00, 0.99, ..., 0.20 the f·low to f·high with the least Σ (x - x̂)²
// Hint: x̂ = dequantize(quantize(x, params), params). Start with f = 1, and let only a smaller error win.
QParams MSEObserver::calculate_qparams() const {
  todo("16.2");
}

}  // namespace rushlight
