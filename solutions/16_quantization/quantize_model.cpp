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

// solution helper
// Lets every Linear and Unembed be watched while config.calibrate runs, and takes the watchers away, whatever happens.
void calibrate(std::vector<Candidate>& candidates, const QuantizeConfig& config) {
  std::vector<Candidate*> watched;
  const auto stop = [&] {
    for (Candidate* c : watched) c->module->replace_with(nullptr);
  };
  for (Candidate& c : candidates) {
    if (!multiplies(c) || !c.part.why.empty() || c.module->stand_in()) continue;
    c.observer = config.observer();
    c.module->replace_with(std::make_shared<Watcher>(c));
    watched.push_back(&c);
  }
  try {
    config.calibrate();
  } catch (...) {
    stop();
    throw;
  }
  stop();
  for (Candidate* c : watched) {
    if (!c->reached) c->part.why = "calibration never reached it";
  }
}

// How a layer's input is to be quantised: as training found, as calibration found, or each row by itself.
std::optional<QParams> input_of(const Candidate& c, const QuantizeConfig& config) {
  if (config.weights != WeightFormat::int8) return {};
  if (const auto* trained = dynamic_cast<FakeQuantLinear*>(c.module->stand_in().get())) return trained->input();
  if (c.observer) return c.observer->calculate_qparams();
  return {};
}

// Weights that are one tensor stay one.
using Made = std::map<const void*, SharedWeight>;

void replace(Candidate& c, const QuantizeConfig& config, Made& made) {
  SharedWeight& weight = made[c.weight->identity()];
  if (!weight) weight = std::make_shared<QuantizedWeight>(quantize_weight(c.weight->value(), config.weights));
  c.part.weight_sqnr = sqnr(c.weight->value(), dequantize(*weight));
  if (multiplies(c)) {
    c.module->replace_with(std::make_shared<QuantizedLinear>(weight, c.bias ? *c.bias : Tensor(), input_of(c, config)));
  } else {
    const auto table = std::make_shared<QuantizedEmbedding>(weight);
    dynamic_cast<Embedding&>(*c.module).replace_with([table](const Indices& ids) { return (*table)(ids); });
  }
  c.part.quantized = true;
}
// end solution

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
  // solution 16.7
  for (Candidate& c : candidates) c.part.why = objection(c, config);
  if (config.calibrate) calibrate(candidates, config);
  Made made;
  for (Candidate& c : candidates) {
    if (!c.part.why.empty()) continue;
    try {
      replace(c, config, made);
    } catch (const Error& error) {
      c.part.why = error.what();
    }
  }
  std::set<const void*> before, after;
  QuantizeReport report;
  for (Candidate& c : candidates) {
    for (const auto& [name, tensor] : own_parameters(*c.module)) {
      if (before.insert(tensor->identity()).second) c.part.bytes_before += float_bytes(*tensor);
      const bool small = c.part.quantized && name == "weight";
      const void* kept = small ? static_cast<const void*>(made[tensor->identity()].get()) : tensor->identity();
      if (!after.insert(kept).second) continue;
      c.part.bytes_after += small ? bytes_of(*made[tensor->identity()]) : float_bytes(*tensor);
    }
    report.parts.push_back(c.part);
  }
  for (const Candidate& c : candidates) {
    if (!c.part.quantized) continue;
    *c.weight = Tensor();
    if (c.bias != nullptr) *c.bias = Tensor();
  }
  return report;
  // end solution
}

}  // namespace rushlight
