// sampling.cpp: one token from many logits.
#include "13_transformers/sampling.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "01_tensor/todo.hpp"

namespace rushlight {
namespace {

void check_sampling(const Array& logits, const SamplingOptions& options) {
  if (logits.rank() != 1 || logits.size() == 0) {
    throw ShapeError("sampling: the logits are {}: needs (V), those of one token.", {logits.shape()});
  }
  if (!(options.temperature >= 0 && std::isfinite(options.temperature))) {  // written so that NaN fails too
    throw ValueError("sampling: temperature is {}, but it must be 0 or more, and finite.", {options.temperature});
  }
  if (options.top_k < 0) throw ValueError("sampling: top_k is {}, but 0 means all.", {options.top_k});
  if (!(options.top_p > 0 && options.top_p <= 1)) {
    throw ValueError("sampling: top_p is {}, but it must be above 0 and at most 1.", {options.top_p});
  }
  const auto values = logits.data();
  const auto bad =
      std::find_if(values.begin(), values.end(), [](Real x) { return std::isnan(x) || (std::isinf(x) && x > 0); });
  if (bad != values.end()) {
    throw ValueError("sampling: the logit of token {} is {}.", {bad - values.begin(), *bad});
  }
  if (*std::max_element(values.begin(), values.end()) == -std::numeric_limits<Real>::infinity()) {
    throw ValueError("sampling: every logit is -inf: there is no token to choose.");
  }
}

// solution helper
// The ids that take part: the largest logit first, of equals the lower id first, top_k of them. In no order where none
// is asked for.
std::vector<std::size_t> candidates(const Array& logits, const SamplingOptions& options) {
  const auto values = logits.data();
  std::vector<std::size_t> ids(values.size());
  std::iota(ids.begin(), ids.end(), std::size_t{0});
  const std::size_t kept = options.top_k == 0 ? ids.size() : std::min<std::size_t>(options.top_k, ids.size());
  if (kept == ids.size() && options.top_p == 1) return ids;
  const auto before = [values](std::size_t a, std::size_t b) {
    return values[a] != values[b] ? values[a] > values[b] : a < b;
  };
  std::partial_sort(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(kept), ids.end(), before);
  ids.resize(kept);
  return ids;
}

// The shortest head of `weights` that has at least the part p of their sum.
std::size_t nucleus(const std::vector<double>& weights, double p) {
  const double wanted = p * std::accumulate(weights.begin(), weights.end(), 0.0);
  double sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    sum += weights[i];
    if (sum >= wanted) return i + 1;
  }
  return weights.size();
}
// end solution

}  // namespace

// 13.8 sampling_probabilities  logits (V) -> probabilities (V)
// Temperature 0: 1 for the first of the largest logits, 0 for the rest. Otherwise, in this order: logits/temperature,
// the top_k largest (of equals the lower id first; 0: all), softmax over those, the smallest set of the most probable
// that adds up to at least top_p, scaled to a sum of 1. What is left out is exactly 0.
// Hint: check_sampling. Sort ids, not logits. Subtract the largest logit before exp, and count in double.
Array sampling_probabilities(const Array& logits, const SamplingOptions& options) {
  check_sampling(logits, options);
  // solution 13.8
  const auto values = logits.data();
  Array probabilities = zeros(logits.shape());
  const auto out = probabilities.mutable_data();
  const auto largest = std::max_element(values.begin(), values.end());
  if (options.temperature == 0) {
    out[static_cast<std::size_t>(largest - values.begin())] = 1;
    return probabilities;
  }
  std::vector<std::size_t> ids = candidates(logits, options);
  std::vector<double> weights;
  for (const std::size_t id : ids) {
    weights.push_back(
        std::exp((static_cast<double>(values[id]) - static_cast<double>(*largest)) / options.temperature));
  }
  if (options.top_p < 1) weights.resize(nucleus(weights, options.top_p));
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (std::size_t i = 0; i < weights.size(); ++i) out[ids[i]] = static_cast<Real>(weights[i] / total);
  return probabilities;
  // end solution
}

// 13.8 sample  probabilities (V) -> id i with probability p[i]
// ShapeError unless rank 1 and not empty; ValueError when one is negative or NaN, or their sum is off 1 by more than
// 1e-3. One draw: u = generator.uniform(), and the first id at which the running sum exceeds u times the sum of all.
// Hint: rounding may leave the running sum just below: then it is the last id that is not 0.
std::int32_t sample(const Array& probabilities, Generator& generator) {
  if (probabilities.rank() != 1 || probabilities.size() == 0) {
    throw ShapeError("sample: the probabilities are {}: needs (V).", {probabilities.shape()});
  }
  const auto values = probabilities.data();
  const bool valid = std::all_of(values.begin(), values.end(), [](Real p) { return p >= 0; });
  const double total = std::accumulate(values.begin(), values.end(), 0.0);
  if (!valid || !(std::abs(total - 1) <= 1e-3)) {
    throw ValueError("sample: these are no probabilities: one is negative, or their sum {} is not 1.", {total});
  }
  const double target = generator.uniform() * total;
  double sum = 0;
  std::int32_t last = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] == 0) continue;
    last = static_cast<std::int32_t>(i);
    sum += static_cast<double>(values[i]);
    if (sum > target) break;
  }
  return last;
}

}  // namespace rushlight
