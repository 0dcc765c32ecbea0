// diagnosis.hpp: why does it not learn? Looks at the gradients of every layer after a backward pass, and at what comes
// out of the activations if it is shown that, and says which layer is in trouble, how badly, and what usually helps.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "03_layers/module.hpp"
#include "03_layers/sequential.hpp"

namespace rushlight {

enum class Trouble : std::uint8_t { none, missing, vanishing, exploding, dead };

struct FlowThresholds {
  double vanishing_rms = 1e-8;    // below: vanishing
  double vanishing_ratio = 1e-4;  // to the last layer; below: vanishing
  double exploding_rms = 1e3;     // above, or not finite: exploding
  double exploding_ratio = 1e4;   // to the last layer; above: exploding
  double dead = 0.5;              // from this part of the units on, an activation is reported as dead
};

// One layer that has parameters of its own, or one activation.
struct LayerFlow {
  std::string name;          // its path in the model: "2", "blocks.0.fc1"; empty for parameters of the model itself
  int depth = 0;             // place among the layers with parameters, 0 = next to the input; activations: -1
  double rms = 0;            // √(mean g²) over all elements of its gradients; a parameter without one adds none
  double ratio = 1;          // rms / rms of the last layer; 1 when both are 0 or the last is not finite
  double dead_fraction = 0;  // activations: units that are 0 for every example of the batch
  Trouble trouble = Trouble::none;
  std::string hint = {};  // what usually helps; empty when all is well
};

struct FlowReport {
  std::vector<LayerFlow> layers;       // in the order of named_parameters()
  std::vector<LayerFlow> activations;  // in the order given

  bool healthy() const {
    return !has(Trouble::missing) && !has(Trouble::vanishing) && !has(Trouble::exploding) && !has(Trouble::dead);
  }
  bool has(Trouble trouble) const;  // given, in report_text.cpp
  std::string text() const;         // given: a table for people; the worst layer of each trouble is named first
};

using NamedArrays = std::vector<std::pair<std::string, Array>>;

// What comes out of each layer of `net` for x (B, ...), by the layer's name. Without a graph. Given. In training mode
// dropout draws: call net.eval() first.
NamedArrays outputs_of(Sequential& net, const Array& x);

// --- 07.7 (diagnosis.cpp) -------------------------------------------------------------------------------------------

// √(mean x²), in double precision; 0 for an empty array.
double rms(const Array& x);

// outputs (..., U): the part of the U units that are 0 in every row; (U) is one row. 0 when there are no rows or no units,
// and for a single number ().
double dead_fraction(const Array& outputs);

// Call it between backward() and step(). A layer is the parameters whose names agree up to the last dot; those that do
// not require a gradient do not count. Trouble, the first that applies: a parameter that has no gradient although it
// wants one (missing), exploding, vanishing. Of the activations: dead.
FlowReport diagnose(Module& model, const NamedArrays& activations = {}, const FlowThresholds& thresholds = {});

std::string hint_for(Trouble trouble);  // given

}  // namespace rushlight
