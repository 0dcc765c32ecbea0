#include "compare/network.hpp"

#include <limits>

#include "05_autograd/autograd.hpp"
#include "07_training/clip.hpp"

namespace rushlight::compare {

// Without the primitives that students write: an edit has to come out alike on both sides.
Tensor edited_value(const std::string& what, const Tensor& x) {
  if (what == "throw") throw ValueError("an edit asked for this exception.");
  if (what == "sever") return x.value();
  if (what != "add" && what != "nan") return {};
  Array changed = x.value().clone();
  for (Real& each : changed.mutable_data()) each += static_cast<Real>(what == "add" ? 0.0625 : 0);
  if (what == "nan") changed.mutable_data()[0] = std::numeric_limits<Real>::quiet_NaN();
  return record("edit", changed, {x}, Save::nothing, [](const Backward& bw) -> Arrays { return {bw.grad}; });
}

Array edited_gradient(const std::string& what, const Array& gradient) {
  if (what != "zero" && what != "double") return {};
  Array changed = gradient.clone();
  for (Real& each : changed.mutable_data()) each *= static_cast<Real>(what == "zero" ? 0 : 2);
  return changed;
}

void set_fixed_parameters(Module& model) {
  for (auto& [name, parameter] : model.named_parameters()) {
    Array value = fixed(name, parameter.shape());
    const bool gain = parameter.rank() == 1 && name.ends_with("weight");
    for (Real& x : value.mutable_data()) x = static_cast<Real>(x * 0.5 + (gain ? 1 : 0));
    parameter.set_value(value);
  }
}

void trace_step(Trace& trace, Module& model, const char* task,
                const std::function<std::unique_ptr<Optimizer>(const Tensors&)>& make) {
  trace.section(trace.network() + ", the step");
  trace.attempt("07.1", "clipped", [&] {
    clip_grad_norm(model.parameters(), 0.5);
    for (const auto& [name, parameter] : model.named_parameters()) {
      trace.step("07.1", "clipped " + name, parameter.grad());
    }
  });
  trace.attempt(task, "stepped", [&] {
    const std::unique_ptr<Optimizer> optimizer = make(model.parameters());
    optimizer->step();
    for (const auto& [name, parameter] : model.named_parameters()) {
      trace.step(task, "stepped " + name, parameter.value());
    }
  });
}

Tensor Watched::see(const std::string& name, const Look& look, Tensor x) {
  for (const Edit& edit : options_.edits) {
    if (edit.name != name) continue;
    if (const Tensor other = edited_value(edit.what, x); other.defined()) x = other;
    if (edit.what != "zero" && edit.what != "double") continue;
    const std::string what = edit.what;
    x = record("edit", x.value(), {x}, Save::nothing,
               [what](const Backward& bw) -> Arrays { return {edited_gradient(what, bw.grad)}; });
  }
  trace_.value(look, name, x.value());
  Trace::reached(name);
  if (x.requires_grad() && !x.is_leaf()) x.retain_grad();
  seen_.push_back({name, look, x});
  return x;
}

void Watched::gradients(Module& model, const std::function<const char*(const std::string&)>& owner) {
  for (const Seen& each : seen_) {
    const bool cut = !each.tensor.requires_grad();
    trace_.gradient(each.look, each.name, cut ? Array() : each.tensor.grad(), cut);
  }
  for (const auto& [name, parameter] : model.named_parameters()) {
    trace_.parameter(owner(name), "parameter " + name, parameter.grad());
  }
}

}  // namespace rushlight::compare
