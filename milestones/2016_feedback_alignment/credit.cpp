#include "2016_feedback_alignment/credit.hpp"

#include <cmath>

#include "01_tensor/primitives.hpp"
#include "02_activations/activations.hpp"

namespace rushlight::dfa {

Feedback Feedback::random(std::int64_t blocks, std::int64_t width, std::int64_t classes, Generator& generator) {
  const double deviation = 1 / std::sqrt(static_cast<double>(classes));
  Feedback feedback;
  for (std::int64_t l = 0; l < blocks; ++l) {
    feedback.matrices.push_back(randn({width, classes}, generator, 0, deviation));
  }
  return feedback;
}

Array output_error(const Array& logits, const Indices& labels) {
  Array error = softmax(Tensor(logits)).value().clone();
  const std::int64_t classes = logits.dim(1);
  const auto e = error.mutable_data();
  const auto label = labels.data();
  for (std::size_t n = 0; n < label.size(); ++n) e[n * classes + label[n]] -= 1;
  return error;
}

Array credit(const Array& error, const Array& feedback) { return matmul(error, feedback, {.transpose_b = true}); }

Array rms_normalised(const Array& credit) {
  return credit / (sqrt(mean(credit * credit, {1}, /*keepdim=*/true)) + Real{1e-6});
}

}  // namespace rushlight::dfa
