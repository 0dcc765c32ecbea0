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

}  // namespace

// 17.8 share_weights  weight, K -> values (K), codes (shape of the weight): k-means in one dimension
//   start: evenly spaced from min to max;  then in turns: nearest (ties: the first), mean (nobody: stays)
//   keep_zeros, and there is a zero: code 0 is the value 0, for zeros alone; the other K - 1 for the rest
// Hint: write it for numbers without zeros first. Then take the zeros out before, and put code 0 in front afterwards.
Codebook share_weights(const Array& weight, const SharingOptions& options) {
  const Array host = weight.cpu();
  check_sharing(host, options);
  todo("17.8");
}

// 17.8 from_codebook  values (K), codes (any shape) -> the shape of the codes
// Hint: a row of a table for every id: which op of module 01 is that? Its gradient adds up by itself.
Tensor from_codebook(const Tensor& values, const Indices& codes) {
  if (values.rank() != 1) throw ShapeError("from_codebook: values are {}, but needs one axis.", {values.shape()});
  todo("17.8");
}

}  // namespace rushlight
