// weight_sharing.cpp: many numbers, few values.
#include "17_compression/weight_sharing.hpp"

#include <algorithm>
#include <cmath>

#include "01_tensor/todo.hpp"

namespace rushlight {
namespace {

void check_sharing(const Array& weight, const SharingOptions& options) {
  if (options.clusters < 1 || options.rounds < 1) {
    throw ValueError("share_weights: clusters is {} and rounds is {}, but both must be at least 1.",
                     {options.clusters, options.rounds});
  }
  if (weight.size() == 0) throw ValueError("share_weights: the weight {} holds no number.", {weight.shape()});
  bool zero = false, other = false;
  for (const Real value : weight.data()) {
    if (!std::isfinite(value)) throw ValueError("share_weights: the weight holds a number that is not finite.");
    (value == 0 ? zero : other) = true;
  }
  if (options.keep_zeros && zero && other && options.clusters < 2) {
    throw ValueError("share_weights: with keep_zeros, zero is one of the clusters, and 1 leaves none for the rest.");
  }
}

// solution helper
std::vector<Real> evenly_spaced(const std::vector<Real>& numbers, std::int64_t count) {
  const auto [least, most] = std::minmax_element(numbers.begin(), numbers.end());
  const double low = *least, high = *most;
  if (count == 1) return {static_cast<Real>((low + high) / 2)};
  std::vector<Real> values;
  for (std::int64_t k = 0; k < count; ++k) {
    const double way = static_cast<double>(k) / static_cast<double>(count - 1);
    values.push_back(static_cast<Real>(low + (high - low) * way));
  }
  return values;
}

std::int32_t nearest(const std::vector<Real>& values, double number) {
  std::size_t best = 0;
  for (std::size_t k = 1; k < values.size(); ++k) {
    if (std::abs(values[k] - number) < std::abs(values[best] - number)) best = k;
  }
  return static_cast<std::int32_t>(best);
}

std::vector<std::int32_t> nearest_of_all(const std::vector<Real>& values, const std::vector<Real>& numbers) {
  std::vector<std::int32_t> codes;
  for (const Real number : numbers) codes.push_back(nearest(values, number));
  return codes;
}

// Each value becomes the mean of the numbers that took it.
void average(std::vector<Real>& values, const std::vector<Real>& numbers, const std::vector<std::int32_t>& codes) {
  std::vector<double> sums(values.size()), counts(values.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    sums[codes[i]] += numbers[i];
    counts[codes[i]] += 1;
  }
  for (std::size_t k = 0; k < values.size(); ++k) {
    if (counts[k] > 0) values[k] = static_cast<Real>(sums[k] / counts[k]);
  }
}
// end solution

}  // namespace

// 17.8 share_weights  weight, K -> values (K), codes (shape of the weight): k-means in one dimension
//   start: evenly spaced from min to max;  then in turns: nearest (ties: the first), mean (nobody: stays)
//   keep_zeros, and there is a zero: code 0 is the value 0, for zeros alone; the other K - 1 for the rest
// Hint: write it for numbers without zeros first. Then take the zeros out before, and put code 0 in front afterwards.
Codebook share_weights(const Array& weight, const SharingOptions& options) {
  const Array host = weight.cpu();
  check_sharing(host, options);
  // solution 17.8
  const auto all = host.data();
  const bool apart = options.keep_zeros && std::count(all.begin(), all.end(), Real{0}) > 0;
  std::vector<Real> numbers;
  for (const Real value : all) {
    if (!apart || value != 0) numbers.push_back(value);
  }
  const std::int64_t count = options.clusters - (apart ? 1 : 0);
  std::vector<Real> values(static_cast<std::size_t>(count), 0);
  std::vector<std::int32_t> codes;
  if (!numbers.empty()) {
    values = evenly_spaced(numbers, count);
    codes = nearest_of_all(values, numbers);
    for (int round = 0; round < options.rounds; ++round) {
      average(values, numbers, codes);
      const std::vector<std::int32_t> next = nearest_of_all(values, numbers);
      if (next == codes) break;
      codes = next;
    }
  }
  if (apart) values.insert(values.begin(), 0);
  Codebook book{Array({options.clusters}, values), Indices(weight.shape())};
  const auto out = book.codes.mutable_data();
  for (std::size_t i = 0, next = 0; i < all.size(); ++i) {
    const bool kept = apart && all[i] == 0;
    out[i] = kept ? 0 : codes[next++] + (apart ? 1 : 0);
  }
  return book;
  // end solution
}

// 17.8 from_codebook  values (K), codes (any shape) -> the shape of the codes
// Hint: a row of a table for every id: which op of module 01 is that? Its gradient adds up by itself.
Tensor from_codebook(const Tensor& values, const Indices& codes) {
  if (values.rank() != 1) throw ShapeError("from_codebook: values are {}, but needs one axis.", {values.shape()});
  // solution 17.8
  return take(values, codes);
  // end solution
}

}  // namespace rushlight
