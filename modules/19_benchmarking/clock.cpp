// clock.cpp: given. Two clocks, and how fine one is.
#include "19_benchmarking/clock.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <thread>

namespace rushlight::bench {
namespace {

class SteadyClock : public Clock {
 public:
  double now() override { return std::chrono::duration<double>(std::chrono::steady_clock::now() - beginning_).count(); }

  // The system wakes a sleeper late, so the last part of the time is spent looking at the clock.
  void wait_until(double moment) override {
    constexpr double late = 2e-4;
    if (const double left = moment - now() - late; left > 0) {
      std::this_thread::sleep_for(std::chrono::duration<double>(left));
    }
    while (now() < moment) {
    }
  }

 private:
  std::chrono::steady_clock::time_point beginning_ = std::chrono::steady_clock::now();
};

}  // namespace

Clock& steady_clock() {
  static SteadyClock clock;
  return clock;
}

double SimulatedClock::now() {
  time_ += look_;
  return step_ > 0 ? std::floor(time_ / step_) * step_ : time_;
}

void SimulatedClock::wait_until(double moment) { time_ = std::max(time_, moment); }

double clock_step(Clock& clock) {
  double smallest = std::numeric_limits<double>::infinity();
  for (int i = 0; i < 20; ++i) {
    const double before = clock.now();
    double after = clock.now();
    while (after <= before) after = clock.now();
    smallest = std::min(smallest, after - before);
  }
  return smallest;
}

}  // namespace rushlight::bench
