// clock.hpp: what tells the time. Everything of this module that measures takes a Clock, so that a test can bring one
// on which a minute passes in a millisecond. Given.
#pragma once

namespace rushlight::bench {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual double now() = 0;                    // seconds since some moment; never goes back
  virtual void wait_until(double moment) = 0;  // returns at once if that moment has passed
};

// The clock of this machine. std::chrono::system_clock would not do: it jumps when somebody sets the time.
Clock& steady_clock();

// Time passes only when wait_until or advance says so, and a little with every look.
class SimulatedClock : public Clock {
 public:
  // step: now() answers whole multiples of it (0: any number). look: what one call of now() costs. In seconds.
  explicit SimulatedClock(double step = 0, double look = 0) : step_(step), look_(look) {}

  double now() override;
  void wait_until(double moment) override;
  void advance(double seconds) { time_ += seconds; }
  double time() const { return time_; }  // without a look

 private:
  double step_, look_, time_ = 0;
};

// The smallest difference between two looks at the clock that differ, of a few.
double clock_step(Clock& clock);

}  // namespace rushlight::bench
