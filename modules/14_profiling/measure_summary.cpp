// measure_summary.cpp: given. A small pass, watched by a tracer, and the table of a summary.
#include <map>

#include "14_profiling/summary.hpp"

namespace rushlight {
namespace {

// The last op that ran in each module, or inside it, in the forward pass.
std::map<std::string, Shape> outputs_of(const Trace& trace) {
  std::map<std::string, Shape> outputs;
  for (const TraceEvent& event : trace.events) {
    std::string path = trace.modules[static_cast<std::size_t>(event.module)];
    for (; !path.empty(); path = path.substr(0, path.rfind('.') == std::string::npos ? 0 : path.rfind('.'))) {
      outputs[path] = event.output;
    }
    outputs[""] = event.output;
  }
  return outputs;
}

// The trace of the backward pass that would follow, with costs but without times.
Trace rules_of(const Trace& forward) {
  Trace rules = forward;
  for (TraceEvent& event : rules.events) {
    if (event.node != 0)
      event.cost = event.rule_cost;
    else
      event.cost = {.flops = 0, .bytes = 0};
  }
  return rules;
}

}  // namespace

Summary measure_summary(Module& model, std::int64_t examples, const ForwardPass& forward) {
  const EvaluationMode evaluation(model);
  Tracer tracer;
  tracer.watch(model);
  tracer.start();
  const Tensor result = forward(examples);
  Summary summary{.batch = examples};
  summary.activation_bytes = tracer.live_bytes();
  const Trace trace = tracer.stop();
  const std::vector<ModuleRow> rows = by_module(trace), rules = by_module(rules_of(trace));
  const std::map<std::string, Shape> outputs = outputs_of(trace);
  std::map<std::string, Module*> modules;
  for (const auto& [path, module] : model.named_modules()) modules.emplace(path, module);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const ModuleRow& row = rows[i];
    summary.rows.push_back({.path = row.path,
                            .depth = row.depth,
                            .output = outputs.at(row.path),
                            .parameters = modules.at(row.path)->parameter_count(),
                            .flops = row.cost.flops,
                            .rule_flops = rules[i].cost.flops,
                            .unknown = row.cost.unknown_flops});
  }
  summary.parameter_bytes = model.parameter_count() * static_cast<std::int64_t>(sizeof(Real));
  return summary;
}

Summary summary(Module& model, std::int64_t batch, const ForwardPass& forward) {
  return predict(measure_summary(model, 1, forward), measure_summary(model, 2, forward), batch);
}

Summary summary(Module& model, const Shape& input) {
  if (input.rank() < 1) throw ShapeError("summary: the input {} has no axis for the batch.", {input});
  const auto forward = [&](std::int64_t examples) {
    Shape shape = input;
    shape[0] = examples;
    return model.forward(Tensor(zeros(shape)));
  };
  return summary(model, input[0], forward);
}

std::string to_text(const Summary& summary) {
  std::string text = formatted("a batch of {}; {}\n", {summary.batch, flop_convention});
  text += formatted("{:<34}{:<20}{:>12}{:>14}{:>14}\n", {"module", "output", "parameters", "forward", "backward"});
  for (const SummaryRow& row : summary.rows) {
    const std::string name =
        std::string(2 * static_cast<std::size_t>(row.depth), ' ') + (row.path.empty() ? "(all)" : row.path);
    const auto flops = [&](std::int64_t count) {
      const std::string known = human_count(static_cast<double>(count), "");
      return row.unknown > 0 ? known + " + ?" : known;
    };
    text += formatted("{:<34}{:<20}{:>12}{:>14}{:>14}\n",
                      {name, row.output.str(), row.parameters, flops(row.flops), flops(row.rule_flops)});
  }
  const auto bytes = [](std::int64_t count) { return human_count(static_cast<double>(count), "B"); };
  text += formatted("parameters {}, gradients {}, Adam's state {}, activations {}: a step takes about {}\n",
                    {bytes(summary.parameter_bytes), bytes(summary.parameter_bytes), bytes(2 * summary.parameter_bytes),
                     bytes(summary.activation_bytes), bytes(4 * summary.parameter_bytes + summary.activation_bytes)});
  return text;
}

}  // namespace rushlight
