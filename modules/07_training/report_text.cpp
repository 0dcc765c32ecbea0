// report_text.cpp: given. A diagnosis for people.
#include <algorithm>
#include <cmath>

#include "05_autograd/autograd.hpp"
#include "07_training/diagnosis.hpp"

namespace rushlight {
namespace {

const char* name_of(Trouble trouble) {
  switch (trouble) {
    case Trouble::missing:
      return "NO GRADIENT";
    case Trouble::vanishing:
      return "VANISHING";
    case Trouble::exploding:
      return "EXPLODING";
    case Trouble::dead:
      return "DEAD";
    case Trouble::none:
      break;
  }
  return "ok";
}

// The size of the trouble, to find the worst layer.
double severity(const LayerFlow& flow) {
  switch (flow.trouble) {
    case Trouble::vanishing:
      return -flow.rms;
    case Trouble::exploding:
      return std::isfinite(flow.rms) ? flow.rms : INFINITY;
    case Trouble::dead:
      return flow.dead_fraction;
    default:
      return -flow.depth;
  }
}

std::string what_is_seen(const LayerFlow& flow) {
  if (flow.trouble == Trouble::dead) {
    return formatted("{:.0f} % of its units are 0 for every example", {100 * flow.dead_fraction});
  }
  if (flow.trouble == Trouble::missing) return "a parameter received no gradient";
  return formatted("rms of the gradient {:.3g}, {:.3g} times that of the last layer", {flow.rms, flow.ratio});
}

std::string headline(Trouble trouble, const std::vector<LayerFlow>& flows) {
  const LayerFlow* worst = nullptr;
  std::ptrdiff_t count = 0;
  for (const LayerFlow& flow : flows) {
    if (flow.trouble != trouble) continue;
    ++count;
    if (!worst || severity(flow) > severity(*worst)) worst = &flow;
  }
  if (!worst) return "";
  const std::string where = worst->depth >= 0 ? formatted(" (layer {} of the model)", {worst->depth + 1}) : "";
  return formatted("{} in '{}'{}: {}{}.\n  {}\n",
                   {name_of(trouble), worst->name, where, what_is_seen(*worst),
                    count > 1 ? formatted("; {} others too", {count - 1}) : "", worst->hint});
}

std::string row(const LayerFlow& flow) {
  if (flow.depth < 0) {
    return formatted("  {:<24} output   rms {:>9.3g}  dead {:>5.1f} %     {}\n",
                     {flow.name, flow.rms, 100 * flow.dead_fraction, name_of(flow.trouble)});
  }
  return formatted("  {:<24} gradient rms {:>9.3g}  ratio {:>9.3g}  {}\n",
                   {flow.name, flow.rms, flow.ratio, name_of(flow.trouble)});
}

}  // namespace

bool FlowReport::has(Trouble trouble) const {
  const auto matches = [trouble](const LayerFlow& flow) { return flow.trouble == trouble; };
  return std::any_of(layers.begin(), layers.end(), matches) ||
         std::any_of(activations.begin(), activations.end(), matches);
}

std::string FlowReport::text() const {
  std::string out;
  for (const Trouble trouble : {Trouble::missing, Trouble::exploding, Trouble::vanishing}) {
    out += headline(trouble, layers);
  }
  out += headline(Trouble::dead, activations);
  if (out.empty()) out = "Gradients flow through every layer.\n";
  for (const LayerFlow& flow : layers) out += row(flow);
  for (const LayerFlow& flow : activations) out += row(flow);
  return out;
}

std::string hint_for(Trouble trouble) {
  switch (trouble) {
    case Trouble::missing:
      return "The graph is cut between this parameter and the loss, or forward() does not use it.";
    case Trouble::vanishing:
      return "A chain of sigmoids or tanhs shrinks the gradient at every layer: use relu or gelu, a larger initial "
             "deviation (xavier, kaiming), normalisation, or residual connections.";
    case Trouble::exploding:
      return "The initial weights or the learning rate are too large: use kaiming or xavier, clip the gradients, or "
             "lower the learning rate.";
    case Trouble::dead:
      return "A relu that is 0 everywhere passes no gradient: look at the bias before it, lower the learning rate, or "
             "use leaky_relu or gelu.";
    case Trouble::none:
      break;
  }
  return "";
}

NamedArrays outputs_of(Sequential& net, const Array& x) {
  const NoGrad no_grad;
  NamedArrays outputs;
  Tensor value = x;
  for (std::int64_t i = 0; i < net.size(); ++i) {
    value = net[i](value);
    outputs.emplace_back(std::to_string(i), value.value());
  }
  return outputs;
}

}  // namespace rushlight
