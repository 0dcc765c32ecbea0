// measure_machine.cpp: given. The two numbers of a roofline, measured by what the ops themselves stand on.
#include <algorithm>

#include "14_profiling/roofline.hpp"

namespace rushlight {
namespace {

// The best rate of work(), which does `amount` of something, in so many seconds, at least two tries: the first meets fresh memory.
template <class Function>
double best_rate(double amount, double seconds, const Function& work) {
  const std::int64_t end = steady_ns() + static_cast<std::int64_t>(seconds * 1e9);
  double best = 0;
  for (int tries = 0; tries < 2 || steady_ns() < end; ++tries) {
    const std::int64_t start = steady_ns();
    work();
    const std::int64_t ns = std::max<std::int64_t>(1, steady_ns() - start);
    best = std::max(best, amount / (static_cast<double>(ns) * 1e-9));
  }
  return best;
}

}  // namespace

Machine measure_machine(double seconds) {
  constexpr std::int64_t side = 512;         // 3 MiB in all: products of this size run at full speed
  constexpr std::int64_t numbers = 8 << 20;  // three arrays of 32 MiB
  const Array a = Array::full({side, side}, Real(0.5)), b = a.clone();
  const Array x = Array::full({numbers}, Real(0.5)), y = x.clone();
  Machine machine;
  machine.flops_per_s = best_rate(2.0 * side * side * side, seconds / 2, [&] { matmul(a, b); });
  machine.bytes_per_s = best_rate(3.0 * numbers * sizeof(Real), seconds / 2, [&] { add(x, y); });
  return machine;
}

}  // namespace rushlight
