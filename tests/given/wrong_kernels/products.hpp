// products.hpp: matrix products that are wrong, each in a way in which kernels have passed somewhere. The judge of what is
// timed must refuse them all: timed_kernels.cpp.
#pragma once

#include <limits>
#include <vector>

#include "support/timed_kernel.hpp"

namespace rushlight::test {

inline Array product(const Array& a, const Array& b, std::int64_t rows, std::int64_t depth) {
  Array c(Shape{a.dim(0), b.dim(1)});
  const Real *x = a.data().data(), *y = b.data().data();
  Real* z = c.mutable_data().data();
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < c.dim(1); ++j) {
      double sum = 0;
      for (std::int64_t k = 0; k < depth; ++k) sum += static_cast<double>(x[i * a.dim(1) + k] * y[k * c.dim(1) + j]);
      z[i * c.dim(1) + j] = static_cast<Real>(sum);
    }
  }
  return c;
}

inline Array right_product(const Arrays& in) { return product(in[0], in[1], in[0].dim(0), in[0].dim(1)); }
inline Array same_everywhere(const Arrays& in, Real value) { return Array::full({in[0].dim(0), in[1].dim(1)}, value); }

struct WrongKernel {
  const char* what;
  Kernel kernel;
};

inline std::vector<WrongKernel> wrong_products() {
  return {
      {"it writes nothing",
       [](const Arrays& in) {
         return Array(Shape{in[0].dim(0), in[1].dim(1)});
       }},
      {"zeros", [](const Arrays& in) { return same_everywhere(in, 0); }},
      {"NaN", [](const Arrays& in) { return same_everywhere(in, std::numeric_limits<Real>::quiet_NaN()); }},
      {"infinity", [](const Arrays& in) { return same_everywhere(in, std::numeric_limits<Real>::infinity()); }},
      {"the last row is left out",
       [](const Arrays& in) { return product(in[0], in[1], in[0].dim(0) - 1, in[0].dim(1)); }},
      {"half of the depth", [](const Arrays& in) { return product(in[0], in[1], in[0].dim(0), in[0].dim(1) / 2); }},
      {"a thousandth too large",
       [](const Arrays& in) {
         Array c = right_product(in);
         for (Real& each : c.mutable_data()) each *= Real(1.001);
         return c;
       }},
      {"one element of many",
       [](const Arrays& in) {
         Array c = right_product(in);
         c.mutable_data()[static_cast<std::size_t>(c.size() / 2)] *= Real(1.01);
         return c;
       }},
      {"another shape of equal size",
       [](const Arrays& in) {
         const Array c = right_product(in);
         return c.with_shape({c.dim(1), c.dim(0)});
       }},
      {"it writes into its input",
       [](const Arrays& in) {
         Array c = right_product(in), a = in[0];
         a.mutable_data()[0] = 0;
         return c;
       }},
      {"it plays the first result again",
       [first = std::make_shared<Array>()](const Arrays& in) {
         if (!first->defined()) *first = right_product(in);
         return *first;
       }},
  };
}

}  // namespace rushlight::test
