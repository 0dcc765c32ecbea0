#include "2016_feedback_alignment/progress.hpp"

#include <limits>
#include <nlohmann/json.hpp>

#include "07_training/trainer.hpp"
#include "common/nested.hpp"

namespace rushlight::dfa {
namespace {

using nlohmann::json;

constexpr const char* format_name = "rushlight-feedback-alignment-run-1";

// JSON has no NaN: a null is one. All other numbers come back as they were, to the last bit.
double number(const json& value) {
  return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
}

json as_json(const std::vector<EpochReport>& epochs) {
  json list = json::array();
  for (const EpochReport& e : epochs) list.push_back({e.epoch, e.train_loss, e.test_accuracy, e.h_norm});
  return list;
}

std::vector<EpochReport> epochs_of(const json& list) {
  std::vector<EpochReport> epochs;
  for (const json& e : list) {
    epochs.push_back(
        {.epoch = e.at(0), .train_loss = number(e.at(1)), .test_accuracy = number(e.at(2)), .h_norm = number(e.at(3))});
  }
  return epochs;
}

json as_json(const ArmReport& report) {
  json layers = json::array();
  for (const LayerQuality& l : report.layers) {
    layers.push_back({l.layer, l.cos_mean, l.cos_std, l.cos_median, l.g_norm, l.a_norm, l.h_norm});
  }
  return {{"test_accuracy", report.test_accuracy}, {"layers", layers}, {"epochs", as_json(report.epochs)}};
}

ArmReport report_of(const json& from) {
  ArmReport report{.arm = {},
                   .test_accuracy = number(from.at("test_accuracy")),
                   .layers = {},
                   .epochs = epochs_of(from.at("epochs"))};
  for (const json& l : from.at("layers")) {
    report.layers.push_back({.layer = l.at(0),
                             .cos_mean = number(l.at(1)),
                             .cos_std = number(l.at(2)),
                             .cos_median = number(l.at(3)),
                             .g_norm = number(l.at(4)),
                             .a_norm = number(l.at(5)),
                             .h_norm = number(l.at(6))});
  }
  return report;
}

}  // namespace

void save_run(const std::string& path, const RunState& state) {
  json done = json::array();
  for (const ArmReport& report : state.done) done.push_back(as_json(report));
  SafeTensors content;
  put(content.metadata, "format", format_name);
  put(content.metadata, "done", done.dump());
  put(content.metadata, "epochs", as_json(state.current.epochs).dump());
  milestone::put_nested(content, "arm.", state.current.parts);
  save_safetensors(path, content);
}

RunState load_run(const std::string& path) {
  const SafeTensors content = load_safetensors(path);
  try {
    if (text_at(content.metadata, "format") != format_name) throw FileError("it is not the state of a run.");
    RunState state{.done = {}, .current = {.parts = milestone::nested_at(content, "arm."), .epochs = {}}};
    for (const json& each : json::parse(text_at(content.metadata, "done"))) state.done.push_back(report_of(each));
    state.current.epochs = epochs_of(json::parse(text_at(content.metadata, "epochs")));
    return state;
  } catch (const json::exception& error) {
    throw FileError("{}: {}", {path, error.what()});
  } catch (const FileError& error) {
    throw FileError("{}: {}", {path, error.what()});
  }
}

}  // namespace rushlight::dfa
