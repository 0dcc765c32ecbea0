// helpers.hpp: small networks, and what is zero in them.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "03_layers/layers.hpp"
#include "05_autograd/autograd.hpp"
#include "17_compression/compression.hpp"
#include "support/rush_test.hpp"

namespace rushlight::test {

using Doubles = std::vector<double>;
using nlohmann::json;

inline const std::vector<std::string> both{"0.weight", "2.weight"};  // of small_net
inline const Tolerance close = double_precision ? Tolerance{1e-10, 1e-12} : Tolerance{2e-5, 2e-6};

// 5 -> 6 -> 3; weights "0.weight" (6, 5) and "2.weight" (3, 6).
inline Sequential small_net(std::uint64_t seed) {
  Generator g(seed);
  return Sequential{Linear({.in = 5, .out = 6}, g), Tanh(), Linear({.in = 6, .out = 3}, g)};
}

inline std::int64_t zeros_of(const Array& x) { return std::count(x.data().begin(), x.data().end(), Real{0}); }

// Seeded zeros and ones.
inline Array random_mask(const Shape& shape, std::uint64_t seed) {
  const Array draws = uniform(shape, seed, 0, 1);
  Array mask(shape);
  for (std::int64_t i = 0; i < mask.size(); ++i) mask.mutable_data()[i] = draws.data()[i] < 0.5 ? 0 : 1;
  return mask;
}

// Whether x is exactly 0 wherever the mask is, and how many places that are.
inline testing::AssertionResult zero_where_masked(const Array& x, const Array& mask) {
  if (x.shape() != mask.shape())
    return testing::AssertionFailure() << x.shape().str() << " against " << mask.shape().str();
  for (std::int64_t i = 0; i < x.size(); ++i) {
    if (mask.data()[i] == 0 && x.data()[i] != 0) {
      return testing::AssertionFailure() << "the pruned number " << i << " is " << x.data()[i];
    }
  }
  return testing::AssertionSuccess();
}

inline Tensor parameter_of(Module& model, const std::string& path) {
  return parameters_at("test", model, {path})[0].second;
}

// A loss of a network that maps (N, 5) to (N, 3), to be trained on.
inline Tensor probe_loss(const Tensor& y) {
  const Tensor off = y - Tensor(randn(y.shape(), 77));
  return mean(off * off);
}

}  // namespace rushlight::test
