// guards.hpp: settings of the whole process, changed for the length of a scope.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "01_tensor/blas.hpp"
#include "18_acceleration/acceleration.hpp"
#include "18_acceleration/kernels.hpp"
#include "18_acceleration/parallel.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {

// Tests run with one thread unless they ask for more. thread_pool() follows.
class Threads {
 public:
  explicit Threads(int threads) : before_(blas_threads()) { set_blas_threads(threads); }
  ~Threads() { set_blas_threads(before_); }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;

 private:
  int before_;
};

// The named kernels, and afterwards none.
class Accelerated {
 public:
  explicit Accelerated(const std::vector<std::string>& ops = accelerated_ops()) { accelerate(ops); }
  ~Accelerated() { accelerate({}); }
  Accelerated(const Accelerated&) = delete;
  Accelerated& operator=(const Accelerated&) = delete;
};

// What `make` returns must be the same, bit for bit, with one thread, with several, and again. `make` is called with
// one thread first: that is the result to compare with.
template <class Make>
void expect_same_bits_for_any_threads(Make make, int repetitions = 2) {
  const Threads alone(1);
  const Arrays expected = make();
  for (const int threads : {1, 2, 3, 5}) {
    const Threads several(threads);
    for (int again = 0; again < repetitions; ++again) {
      const Arrays actual = make();
      ASSERT_EQ(actual.size(), expected.size());
      for (std::size_t i = 0; i < expected.size(); ++i) {
        ASSERT_TRUE(same_bits(actual[i], expected[i])) << threads << " threads, result " << i;
      }
    }
  }
}

// Leaves memory of this size full of NaN behind, which the next buffer of the size is likely to be given: a loop that
// reads what it has not written shows itself.
inline void dirty(const Shape& shape) {
  Arrays full;
  for (int i = 0; i < 3; ++i) full.push_back(Array::full(shape, std::numeric_limits<Real>::quiet_NaN()));
}

}  // namespace rushlight::test
