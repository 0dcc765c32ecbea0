// quantize_model.hpp: a whole model at once, and what became of each of its layers.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "16_quantization/observers.hpp"
#include "16_quantization/quantized_layers.hpp"

namespace rushlight {

struct QuantizeConfig {
  WeightFormat weights = WeightFormat::int8;
  bool embeddings = true;              // tables too
  std::vector<std::string> skip = {};  // paths that stay float: "unembed", or "blocks.0" and all that is in it

  // With WeightFormat::int8. Runs the model on some of its data, while an observer in front of every layer watches the
  // layer's input; the ranges then stay (static). Empty: every row finds its own, every time (dynamic).
  std::function<void()> calibrate = {};
  MakeObserver observer = [] { return std::make_unique<MinMaxObserver>(); };
};

// What became of one module that has parameters of its own.
struct QuantizedPart {
  std::string path;  // as in named_modules()
  std::string kind;  // "Linear", "Embedding", "Unembed", "LayerNorm", ...
  bool quantized = false;
  std::string why = {};           // it stayed as it was; empty when it did not
  std::int64_t bytes_before = 0;  // of its own parameters, a float being 4 bytes
  std::int64_t bytes_after = 0;   // a weight that was counted at an earlier part counts 0 here, both before and after
  double weight_sqnr = 0;         // in decibels, of a quantised weight; infinity for one that stayed exact
};

struct QuantizeReport {
  std::vector<QuantizedPart> parts;  // in the order of named_modules()

  std::int64_t bytes_before() const;
  std::int64_t bytes_after() const;
  std::string table() const;  // one line a part, and a line of sums
};

// --- 16.7 (quantize_model.cpp) -----------------------------------------------------------------------------------------

// Puts a QuantizedLinear in the place of every Linear and every Unembed, and a QuantizedEmbedding in that of every Embedding
// (Module::replace_with), and lets go of the float weights: their Tensors are empty afterwards. A bias stays float, and
// goes into the stand-in. Layers that shared a weight share the quantised one. What stays as it was, each with its
// reason: what `skip` names; tables if `embeddings` is off; a Linear that calibration never reached; a matrix that the
// format cannot hold (columns not a multiple of 32, NaN, ...); a class derived from Linear, which may compute something
// else; every other kind, since there is no integer kernel for it; layers that already have a stand-in, unless it is a
// FakeQuantLinear (16.8): its range becomes the layer's static one, and where the layer cannot be quantised it stays.
// Hook points inside an Unembed that was replaced no longer fire. If calibrate throws, the model is as it was.
// Throws ValueError that names a path of `skip` which is no module's, or `calibrate` with a format that has no use for it.
QuantizeReport quantize(Module& model, const QuantizeConfig& config = {});

// --- given (report.cpp) ------------------------------------------------------------------------------------------------

std::string kind_of(const Module& module);  // the name of its class, without namespaces

// A module's own parameters, without those of its children.
std::vector<std::pair<std::string, Tensor*>> own_parameters(Module& module);

}  // namespace rushlight
