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

}  // namespace

// 13.8 sampling_probabilities  logits (V) -> probabilities (V)
// Temperature 0: 1 for the first of the largest logits, 0 for the rest. Otherwise, in this order: logits/temperature,
// the top_k largest (of equals the lower id first; 0: all), softmax over those, the smallest set of the most probable
// that adds up to at least top_p, scaled to a sum of 1. What is left out is exactly 0.
// Hint: check_sampling. Sort ids, not logits. Subtract the largest logit before exp, and count in double.
Array sampling_probabilities(const Array& logits, const SamplingOptions& options) {
  check_sampling(logits, options);
  todo("13.8");
}

// 13.8 sample  probabilities (V) -> id i with probability p[i]
// ShapeError unless rank 1 and not empty; ValueError when one is negative or NaN, or their sum is off 1 by more than
// 1e-3. One draw: u = generator.uniform(), and the first id at which the running sum exceeds u times the sum of all.
// Hint: rounding may leave the running sum just below: then it is the last id that is not 0.
std::int32_t sample(const Array& probabilities, Generator& generator) {
  todo("13.8");
}

}  // namespace rushlight
