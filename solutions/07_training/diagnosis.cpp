// diagnosis.cpp: one number per layer tells most of the story.
#include "07_training/diagnosis.hpp"

#include <algorithm>
#include <cmath>

#include "01_tensor/todo.hpp"
#include "07_training/clip.hpp"

namespace rushlight {
namespace {  // solution

std::string layer_of(const std::string& parameter) {
  const std::size_t dot = parameter.rfind('.');
  return dot == std::string::npos ? "" : parameter.substr(0, dot);
}

// What is summed up about a layer before it is judged.
struct Tally {
  std::string name;
  double squares = 0;
  std::int64_t count = 0;
  bool missing = false;

  void add(const Tensor& parameter) {
    if (!parameter.grad().defined()) missing = true;
    squares += sum_of_squares(parameter.grad());
    count += parameter.grad().defined() ? parameter.size() : 0;
  }
  double rms() const { return count > 0 ? std::sqrt(squares / static_cast<double>(count)) : 0; }
};

std::vector<Tally> tally(Module& model) {
  std::vector<Tally> layers;
  for (const auto& [path, parameter] : model.named_parameters()) {
    if (!parameter.requires_grad()) continue;
    const std::string name = layer_of(path);
    if (layers.empty() || layers.back().name != name) layers.push_back({.name = name});
    layers.back().add(parameter);
  }
  return layers;
}

double ratio_of(double rms, double last) {
  if (rms == last || !std::isfinite(last)) return 1;  // 0/0, and nothing to compare with
  return rms / last;                                  // infinite when only the last is 0
}

Trouble judge(bool missing, double rms, double ratio, const FlowThresholds& limits) {
  if (missing) return Trouble::missing;
  if (!std::isfinite(rms) || rms > limits.exploding_rms || ratio > limits.exploding_ratio) return Trouble::exploding;
  if (rms < limits.vanishing_rms || ratio < limits.vanishing_ratio) return Trouble::vanishing;
  return Trouble::none;
}

}  // namespace

// 07.7 rms  x (any shape) -> √(mean x²), 0 for an empty or undefined array
// Hint: sum_of_squares (clip.hpp) sums in double.
double rms(const Array& x) {
  if (!x.defined() || x.size() == 0) return 0;
  return std::sqrt(sum_of_squares(x) / static_cast<double>(x.size()));
}

// 07.7 dead_fraction  outputs (..., U) -> (units that are 0 in every row) / U;  0 without rows or units
// Hint: start with "all dead" and cross a unit off at the first value that is not 0.
double dead_fraction(const Array& outputs) {
  if (outputs.rank() == 0 || outputs.size() == 0) return 0;
  const auto units = static_cast<std::size_t>(outputs.dim(-1));
  std::vector<bool> dead(units, true);
  const Array here = outputs.cpu();
  const auto values = here.data();
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] != 0) dead[i % units] = false;
  }
  return static_cast<double>(std::count(dead.begin(), dead.end(), true)) / static_cast<double>(units);
}

// 07.7 diagnose  model after backward(), outputs of activations -> one LayerFlow for each, with its trouble and hint
// A layer: neighbours in named_parameters() that share the path up to the last dot. rms: over all elements of its
// gradients together. ratio: to the last layer's rms; 1 when both are 0 or the last is not finite. Comparisons with
// `thresholds` are strict, except that `dead` itself is reported. depth counts layers from 0; activations have depth
// -1.
// Hint: a first walk adds up squares and counts, a second one judges: the ratio needs the last layer first.
FlowReport diagnose(Module& model, const NamedArrays& activations, const FlowThresholds& thresholds) {
  FlowReport report;
  const std::vector<Tally> layers = tally(model);
  const double last = layers.empty() ? 0 : layers.back().rms();
  for (const Tally& layer : layers) {
    LayerFlow flow{.name = layer.name, .depth = static_cast<int>(report.layers.size()), .rms = layer.rms()};
    flow.ratio = ratio_of(flow.rms, last);
    flow.trouble = judge(layer.missing, flow.rms, flow.ratio, thresholds);
    flow.hint = hint_for(flow.trouble);
    report.layers.push_back(flow);
  }
  for (const auto& [name, output] : activations) {
    LayerFlow flow{.name = name, .depth = -1, .rms = rms(output), .dead_fraction = dead_fraction(output)};
    if (flow.dead_fraction >= thresholds.dead) flow.trouble = Trouble::dead;
    flow.hint = hint_for(flow.trouble);
    report.activations.push_back(flow);
  }
  return report;
}

}  // namespace rushlight
