#include "alignment.hpp"

#include <cmath>

#include "05_autograd/autograd.hpp"

namespace rushlight::alignment {

GPT small_gpt(std::uint64_t seed, std::int64_t vocabulary, double dropout) {
  Generator random(seed);
  GPT gpt({.vocabulary = vocabulary, .context = 8, .width = 8, .layers = 1, .heads = 2, .dropout = dropout}, random);
  for (Tensor& p : gpt.parameters()) {
    for (Real& x : p.mutable_value().mutable_data()) x += static_cast<Real>(random.normal());
  }
  return gpt;
}

std::vector<std::vector<double>> probabilities(GPT& model, const Indices& ids) {
  const NoGrad no_grad;
  const EvaluationMode evaluation(model);
  const Array logits = model(ids).value();
  const std::int64_t width = logits.dim(-1);
  std::vector<std::vector<double>> rows;
  for (std::int64_t row = 0; row < logits.size() / width; ++row) {
    std::vector<double> p;
    double total = 0;
    for (std::int64_t v = 0; v < width; ++v) {
      p.push_back(std::exp(static_cast<double>(logits.data()[static_cast<std::size_t>(row * width + v)])));
      total += p.back();
    }
    for (double& each : p) each /= total;
    rows.push_back(p);
  }
  return rows;
}

}  // namespace rushlight::alignment
