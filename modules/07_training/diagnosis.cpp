// diagnosis.cpp: one number per layer tells most of the story.
#include "07_training/diagnosis.hpp"

#include <algorithm>
#include <cmath>

#include "01_tensor/todo.hpp"
#include "07_training/clip.hpp"

namespace rushlight {

// 07.7 rms  x (any shape) -> √(mean x²), 0 for an empty or undefined array
// Hint: sum_of_squares (clip.hpp) sums in double.
double rms(const Array& x) {
  todo("07.7");
}

// 07.7 dead_fraction  outputs (..., U) -> (units that are 0 in every row) / U;  0 without rows or units
// Hint: start with "all dead" and cross a unit off at the first value that is not 0.
double dead_fraction(const Array& outputs) {
  todo("07.7");
}

// 07.7 diagnose  model after backward(), outputs of activations -> one LayerFlow for each, with its trouble and hint
// A layer: neighbours in named_parameters() that share the path up to the last dot. rms: over all elements of its
// gradients together. ratio: to the last layer's rms; 1 when both are 0 or the last is not finite. Comparisons with
// `thresholds` are strict, except that `dead` itself is reported. depth counts layers from 0; activations have depth
// -1.
// Hint: a first walk adds up squares and counts, a second one judges: the ratio needs the last layer first.
FlowReport diagnose(Module& model, const NamedArrays& activations, const FlowThresholds& thresholds) {
  todo("07.7");
}

}  // namespace rushlight
