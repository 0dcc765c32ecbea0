// observers.hpp: which range is worth its 256 values? An observer sees numbers go by and then says. Names are torch.ao's
// where it has them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "16_quantization/numbers.hpp"

namespace rushlight {

// --- 16.2 (observers.cpp) ----------------------------------------------------------------------------------------------

class Observer {
 public:
  virtual ~Observer() = default;
  // An Array without numbers tells nothing. Throws ValueError that names the first number that is not finite: a range up
  // to infinity has no scale.
  virtual void observe(const Array& x) = 0;
  virtual QParams calculate_qparams() const = 0;  // ValueError before the first number
};

using MakeObserver = std::function<std::unique_ptr<Observer>()>;

// From the smallest number ever seen to the largest.
class MinMaxObserver : public Observer {
 public:
  explicit MinMaxObserver(Scheme scheme = Scheme::affine) : scheme_(scheme) {}
  void observe(const Array& x) override;
  QParams calculate_qparams() const override;

 private:
  Scheme scheme_;
  bool seen_ = false;
  double low_ = 0, high_ = 0;
};

// The first batch sets low and high; each later one moves them by averaging_constant·(the batch's own - them): one odd
// batch does not widen the range for ever.
class MovingAverageMinMaxObserver : public Observer {
 public:
  // Throws ValueError unless 0 < averaging_constant <= 1. 0.01 is torch.ao's.
  explicit MovingAverageMinMaxObserver(Scheme scheme = Scheme::affine, double averaging_constant = 0.01);
  void observe(const Array& x) override;
  QParams calculate_qparams() const override;

 private:
  Scheme scheme_;
  double constant_;
  bool seen_ = false;
  double low_ = 0, high_ = 0;
};

// From the (100 - p)th percentile to the pth: what lies outside saturates. Percentiles are interpolated, as NumPy's: the
// pth of n sorted numbers stands at (n - 1)·p/100. Keeps every number it sees.
class PercentileObserver : public Observer {
 public:
  // Throws ValueError unless 50 < percentile <= 100.
  explicit PercentileObserver(double percentile = 99.9, Scheme scheme = Scheme::affine);
  void observe(const Array& x) override;
  QParams calculate_qparams() const override;

 private:
  double percentile_;
  Scheme scheme_;
  std::vector<float> numbers_;
};

// Of the ranges f·low to f·high, f = 1.00, 0.99, ..., 0.20, the one with the least Σ (x - its quantised x)²; of equals the
// widest. What torch.ao's HistogramObserver looks for on 2048 bins is looked for on the numbers here, and all are kept.
class MSEObserver : public Observer {
 public:
  explicit MSEObserver(Scheme scheme = Scheme::affine) : scheme_(scheme) {}
  void observe(const Array& x) override;
  QParams calculate_qparams() const override;

 private:
  Scheme scheme_;
  std::vector<float> numbers_;
};

// --- given (ranges.cpp) ------------------------------------------------------------------------------------------------

struct Range {
  double low = 0, high = 0;
};
// The smallest and the largest of `count` numbers, at least one. Throws ValueError that begins with `where` and names the
// first number that is not finite and its place, counted from `offset`.
Range range_of(const char* where, const Real* numbers, std::int64_t count, std::int64_t offset = 0);

}  // namespace rushlight
