// quantize_model.cpp: a walk over a model that leaves small layers behind, and a report.
#include "16_quantization/quantize_model.hpp"

#include <map>
#include <set>

#include "01_tensor/todo.hpp"
#include "13_transformers/gpt.hpp"
#include "16_quantization/fake_quantize.hpp"

namespace rushlight {
namespace {

// A module with parameters of its own, and what is known about it so far.
struct Candidate {
  QuantizedPart part;
  Module* module = nullptr;
  Tensor *weight = nullptr, *bias = nullptr;  // of a Linear, an Unembed or an Embedding; bias may be missing
  std::unique_ptr<Observer> observer = {};    // while calibration runs, and after it
  bool reached = false;
};

// Computes as the float layer does, and lets the candidate's observer see what comes in.
class Watcher : public Module {
 public:
  explicit Watcher(Candidate& of) : of_(of), weight_(*of.weight), bias_(of.bias ? *of.bias : Tensor()) {}
  Tensor forward(const Tensor& x) override {
    of_.observer->observe(x.value());
    of_.reached = of_.reached || x.size() > 0;
    return linear(x, weight_, bias_);
  }
  void members(Members&) override {}

 private:
  Candidate& of_;
  Tensor weight_, bias_;
};

bool multiplies(const Candidate& c) { return c.part.kind == "Linear" || c.part.kind == "Unembed"; }

// One for every module that has parameters of its own.
std::vector<Candidate> candidates_of(Module& model) {
  std::vector<Candidate> candidates;
  for (const auto& [path, module] : model.named_modules()) {
    const auto own = own_parameters(*module);
    if (own.empty()) continue;
    Candidate c{.part = {.path = path, .kind = kind_of(*module)}, .module = module};
    for (const auto& [name, tensor] : own) {
      if (name == "weight") c.weight = tensor;
      if (name == "bias") c.bias = tensor;
    }
    candidates.push_back(std::move(c));
  }
  return candidates;
}

// Why this one stays float before anybody has looked at its numbers; empty when nothing speaks against it.
std::string objection(const Candidate& c, const QuantizeConfig& config) {
  if (is_skipped(c.part.path, config.skip)) return "named in skip";
  if (c.part.kind == "Embedding") {
    if (dynamic_cast<Embedding&>(*c.module).is_replaced()) return "has a stand-in already";
    return config.embeddings ? "" : "embeddings is off";
  }
  if (!multiplies(c)) return "there is no integer kernel for a " + c.part.kind;
  const Module* stand_in = c.module->stand_in().get();
  return stand_in == nullptr || kind_of(*stand_in) == "FakeQuantLinear" ? "" : "has a stand-in already";
}

std::int64_t float_bytes(const Tensor& tensor) { return 4 * tensor.size(); }

}  // namespace

// 16.7 quantize  model, config -> the model with small layers in it, and what became of each part
// In this order: ValueError when calibrate is set and the format is not int8; check_skip; candidates_of, each with the
// objection that speaks against it for its `why`; calibration, if it is set; every candidate without a `why` is replaced,
// and one whose weight throws an Error keeps that for its `why`; then the float weights and biases of those that were
// replaced become empty Tensors.
// Bytes: of a candidate's own parameters, 4 a number; what was counted at an earlier candidate (identity()) counts 0. After
// it, bytes_of of the quantised weight, again only once, and 4 for a number of bias; or of what stayed float.
// Hint: count the bytes before you let go of a weight, and remember which weight was quantised under its identity().
QuantizeReport quantize(Module& model, const QuantizeConfig& config) {
  if (config.calibrate && config.weights != WeightFormat::int8) {
    throw ValueError("quantize: calibrate is set, but the input of a {} weight stays float.",
                     {name_of(config.weights)});
  }
  check_skip(model, config.skip);
  std::vector<Candidate> candidates = candidates_of(model);
  todo("16.7");
}

}  // namespace rushlight
