// sqnr.cpp: given. How much louder a signal is than the noise that rounding added.
#include <cmath>
#include <limits>

#include "16_quantization/numbers.hpp"

namespace rushlight {

double sqnr(const Array& x, const Array& y) {
  if (x.shape() != y.shape()) throw ShapeError("sqnr: {} and {} differ.", {x.shape(), y.shape()});
  const Array signal = x.cpu(), other = y.cpu();
  double power = 0, noise = 0;
  for (std::size_t i = 0; i < signal.data().size(); ++i) {
    const auto s = static_cast<double>(signal.data()[i]), off = s - static_cast<double>(other.data()[i]);
    power += s * s;
    noise += off * off;
  }
  return noise == 0 ? std::numeric_limits<double>::infinity() : 10 * std::log10(power / noise);
}

}  // namespace rushlight
