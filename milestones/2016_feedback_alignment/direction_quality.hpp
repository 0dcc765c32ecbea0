// direction_quality.hpp: does the credit point where the gradient points? At every level of the residual stream, the
// random credit a is compared with the true gradient g = dCE/dh, example by example.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "07_training/batch.hpp"
#include "2016_feedback_alignment/credit.hpp"
#include "2016_feedback_alignment/residual_mlp.hpp"

namespace rushlight::dfa {

// <a, g> / (|a|·|g| + eps) of one pair, summed in double. eps only keeps 0/0 away: it must be far below |a|·|g|, and
// without the penalty |g| falls to 1e-7 and lower; the usual 1e-8 would press every cosine towards 0.
double cosine(std::span<const Real> a, std::span<const Real> g, double eps = 1e-30);

std::vector<double> row_cosines(const Array& a, const Array& g);  // (N, D), (N, D) -> N
std::vector<double> row_norms(const Array& x);                    // (N, D) -> N

double mean_of(std::span<const double> values);
double deviation_of(std::span<const double> values);  // unbiased: divided by n - 1
double median_of(std::vector<double> values);         // the lower of the two in the middle, as torch.median; NaN wins

struct LayerQuality {
  std::int64_t layer = 0;
  double cos_mean = 0, cos_std = 0, cos_median = 0;
  double g_norm = 0;  // medians over the examples
  double a_norm = 0;
  double h_norm = 0;

  bool operator==(const LayerQuality&) const = default;
};

// g_l = dCE/dh_l for l = 0..L of a trace with its graph, where CE is the mean over the batch. Nobody's grad() is
// touched.
Arrays true_gradients(const Trace& trace, const Indices& labels);

// All levels, 0..L, in evaluation mode. Level l is compared with the raw credit e·B_lᵀ; h_L has no block after it and
// is compared with the last block's.
std::vector<LayerQuality> measure_direction_quality(ResidualMlp& model, const Feedback& feedback, const Batch& batch);

// --- the rule that was fixed before the experiment ran ------------------------------------------------------------

inline constexpr std::int64_t layer_to_judge = 2;

// unmeasurable: even with the penalty the gradient is too small to have a direction.
enum class Verdict { confirmed, partial, rejected, unmeasurable };

struct Interpretation {
  Verdict verdict;
  std::string text;
};

// From the penalised arm's layer 2. The prediction, made beforehand: |cos| of about .01 to .05. That is, the penalty
// brings the gradient back above the floor, and still the credit does not point along it.
Interpretation interpret(const LayerQuality& penalised);

}  // namespace rushlight::dfa
