#include "2016_feedback_alignment/direction_quality.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "04_losses/losses.hpp"
#include "05_autograd/autograd.hpp"

namespace rushlight::dfa {
namespace {

double dot(std::span<const Real> a, std::span<const Real> b) {
  double total = 0;
  for (std::size_t i = 0; i < a.size(); ++i) total += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return total;
}

std::span<const Real> row(const Array& x, std::int64_t n) {
  const auto width = static_cast<std::size_t>(x.dim(1));
  return x.data().subspan(static_cast<std::size_t>(n) * width, width);
}

LayerQuality compare(std::int64_t layer, const Array& a, const Array& g, const Array& h) {
  const std::vector<double> cosines = row_cosines(a, g);
  return {.layer = layer,
          .cos_mean = mean_of(cosines),
          .cos_std = deviation_of(cosines),
          .cos_median = median_of(cosines),
          .g_norm = median_of(row_norms(g)),
          .a_norm = median_of(row_norms(a)),
          .h_norm = median_of(row_norms(h))};
}

}  // namespace

double cosine(std::span<const Real> a, std::span<const Real> g, double eps) {
  return dot(a, g) / (std::sqrt(dot(a, a)) * std::sqrt(dot(g, g)) + eps);
}

std::vector<double> row_cosines(const Array& a, const Array& g) {
  if (a.rank() != 2 || a.shape() != g.shape()) {
    throw ShapeError(
        fmt::format("row_cosines: {} and {}; needs two equal shapes (N, D).", a.shape().str(), g.shape().str()));
  }
  std::vector<double> cosines;
  for (std::int64_t n = 0; n < a.dim(0); ++n) cosines.push_back(cosine(row(a, n), row(g, n)));
  return cosines;
}

std::vector<double> row_norms(const Array& x) {
  std::vector<double> norms;
  for (std::int64_t n = 0; n < x.dim(0); ++n) norms.push_back(std::sqrt(dot(row(x, n), row(x, n))));
  return norms;
}

double mean_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double deviation_of(std::span<const double> values) {
  const double centre = mean_of(values);
  double total = 0;
  for (const double value : values) total += (value - centre) * (value - centre);
  return std::sqrt(total / static_cast<double>(values.size() - 1));
}

double median_of(std::vector<double> values) {
  if (values.empty()) throw ValueError("median_of: no values.");
  for (const double value : values) {
    if (std::isnan(value)) return value;  // it has no place in an order
  }
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

Arrays true_gradients(const Trace& trace, const Indices& labels) {
  return grad(cross_entropy(trace.logits, labels), trace.hiddens);
}

std::vector<LayerQuality> measure_direction_quality(ResidualMlp& model, const Feedback& feedback, const Batch& batch) {
  const EvaluationMode evaluating(model);
  const EnableGrad with_graph;
  const Trace trace = model.trace(batch.inputs);
  const Arrays gradients = true_gradients(trace, batch.labels);
  const Array error = output_error(trace.logits.value(), batch.labels);
  std::vector<LayerQuality> layers;
  for (std::size_t l = 0; l < trace.hiddens.size(); ++l) {
    const Array& b = feedback.matrices[std::min(l, feedback.matrices.size() - 1)];
    layers.push_back(compare(static_cast<std::int64_t>(l), credit(error, b), gradients[l], trace.hiddens[l].value()));
  }
  return layers;
}

Interpretation interpret(const LayerQuality& penalised) {
  constexpr double gradient_floor = 1e-7;
  const double size = std::abs(penalised.cos_mean);
  if (!(penalised.g_norm > gradient_floor)) {
    return {Verdict::unmeasurable,
            fmt::format("WARNING: |g| is {:.1e}, not above 1e-7: its direction means little. Try a larger lam.",
                        penalised.g_norm)};
  }
  if (size < 0.05) {
    return {Verdict::confirmed,
            fmt::format("|cos| = {:.3f}: POOR. The gradient can be measured again, and the credit does not point along "
                        "it: the second failure mode is CONFIRMED.",
                        size)};
  }
  if (size < 0.20) {
    return {Verdict::partial, fmt::format("|cos| = {:.3f}: the second failure mode is partially supported.", size)};
  }
  return {Verdict::rejected, fmt::format("|cos| = {:.3f}: the second failure mode is REJECTED.", size)};
}

}  // namespace rushlight::dfa
