// credit.hpp: how blame reaches a hidden layer without a backward pass: the error at the output, times a random matrix
// that never changes (A. Nøkland, "Direct feedback alignment provides learning in deep neural networks", 2016).
#pragma once

#include <vector>

#include "01_tensor/array.hpp"
#include "01_tensor/random.hpp"

namespace rushlight::dfa {

// One matrix B_l (D, C) for each block, entries N(0, 1)/√C. They are Arrays, not Tensors: nothing can give them a
// gradient, and no optimizer ever sees them.
struct Feedback {
  Arrays matrices;

  static Feedback random(std::int64_t blocks, std::int64_t width, std::int64_t classes, Generator& generator);
};

// e = softmax(logits) - onehot(labels), (N, C): what cross-entropy sends back, but for each example by itself, not
// divided by N.
Array output_error(const Array& logits, const Indices& labels);

// a = e · Bᵀ:  error (N, C), feedback (D, C) -> (N, D).
Array credit(const Array& error, const Array& feedback);

// Each row divided by its root mean square: â = a / (√mean_d a² + 1e-6). An example that is nearly right then speaks as
// loudly as one that is quite wrong; only the direction of its credit is left.
Array rms_normalised(const Array& credit);

}  // namespace rushlight::dfa
