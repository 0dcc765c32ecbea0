#include "2016_feedback_alignment/report.hpp"

#include <functional>

namespace rushlight::dfa {

using milestone::emit;
using milestone::Json;

namespace {

Json config_json(const Results& results) {
  const Settings& s = results.settings;
  return {{"seed", s.seed},
          {"epochs", s.training.epochs},
          {"batch_size", batch_size},
          {"lr", s.training.lr},
          {"weight_decay", s.training.weight_decay},
          {"lam", results.penalised().arm.lam},
          {"clip", s.training.clip},
          {"d_in", s.model.in},
          {"width", s.model.width},
          {"blocks", s.model.blocks},
          {"classes", s.model.classes},
          {"data", results.data},
          {"augmented", results.augmented},
          {"train_images", results.train_images},
          {"test_images", results.test_images},
          {"measured_on", std::min(results.test_images, held_out_size)},
          {"precision", sizeof(Real) == 8 ? "float64" : "float32"}};
}

Json layer_json(const LayerQuality& layer) {
  return {{"layer", layer.layer},           {"cos_mean", layer.cos_mean}, {"cos_std", layer.cos_std},
          {"cos_median", layer.cos_median}, {"g_norm", layer.g_norm},     {"a_norm", layer.a_norm},
          {"h_norm", layer.h_norm}};
}

Json arm_json(const ArmReport& report) {
  Json layers = Json::array();
  for (const LayerQuality& layer : report.layers) layers.push_back(layer_json(layer));
  Json epochs = Json::array();
  for (const EpochReport& epoch : report.epochs) {
    epochs.push_back({{"epoch", epoch.epoch},
                      {"train_loss", epoch.train_loss},
                      {"held_out_accuracy", epoch.test_accuracy},
                      {"h_norm", epoch.h_norm}});
  }
  return {{"lam", report.arm.lam}, {"test_accuracy", report.test_accuracy}, {"layers", layers}, {"epochs", epochs}};
}

Json curve(const ArmReport& report, const std::function<double(const EpochReport&)>& value) {
  Json x = Json::array(), y = Json::array();
  for (const EpochReport& epoch : report.epochs) {
    x.push_back(epoch.epoch);
    y.push_back(value(epoch));
  }
  return {{"name", report.arm.name}, {"x", x}, {"y", y}};
}

void emit_curves(const Results& results, const std::string& name, const std::string& title, const std::string& y_label,
                 bool log, const std::function<double(const EpochReport&)>& value) {
  Json series = Json::array();
  for (const ArmReport& arm : results.arms) series.push_back(curve(arm, value));
  emit("picture", {{"kind", "curves"},
                   {"name", name},
                   {"title", title},
                   {"x_label", "epoch"},
                   {"y_label", y_label},
                   {"log", log},
                   {"series", series}});
}

void emit_cosines(const Results& results) {
  Json layers = Json::array(), series = Json::array();
  for (const LayerQuality& layer : results.vanilla().layers) layers.push_back(fmt::format("h_{}", layer.layer));
  for (const ArmReport* arm : {&results.vanilla(), &results.penalised()}) {
    Json values = Json::array(), errors = Json::array();
    for (const LayerQuality& layer : arm->layers) {
      values.push_back(layer.cos_mean);
      errors.push_back(layer.cos_std);
    }
    series.push_back({{"name", arm->arm.name}, {"values", values}, {"errors", errors}});
  }
  emit("picture", {{"kind", "bars"},
                   {"name", "cosine"},
                   {"title", "does the credit point along the gradient?"},
                   {"y_label", "cosine, with its standard deviation"},
                   {"groups", layers},
                   {"series", series}});
}

void emit_accuracies(const Results& results) {
  Json names = Json::array(), values = Json::array();
  for (const ArmReport& arm : results.arms) {
    names.push_back(arm.arm.name);
    values.push_back(arm.test_accuracy);
  }
  emit("picture", {{"kind", "bars"},
                   {"name", "accuracy"},
                   {"title", "what each rule is worth"},
                   {"y_label", "test accuracy"},
                   {"groups", names},
                   {"series", {{{"name", "test accuracy"}, {"values", values}}}}});
}

}  // namespace

Json report_json(const Results& results) {
  Json arms = Json::object(), checks = Json::array();
  for (const ArmReport& arm : results.arms) arms[arm.arm.name] = arm_json(arm);
  for (const Ordering& each : orderings(results.vanilla(), results.penalised())) {
    checks.push_back({{"claim", each.name}, {"left", each.left}, {"right", each.right}, {"holds", each.holds()}});
  }
  return {{"config", config_json(results)},
          {"prediction", "|cos| of the penalised arm at layer 2 between .01 and .05"},
          {"interpretation", interpret(results.penalised().layers.at(layer_to_judge)).text},
          {"orderings", checks},
          {"arms", arms}};
}

Json metrics_json(const Results& results) {
  Json metrics;
  for (const ArmReport& arm : results.arms) metrics["accuracy " + arm.arm.name] = arm.test_accuracy;
  for (const ArmReport* arm : {&results.vanilla(), &results.penalised()}) {
    const LayerQuality& judged = arm->layers.at(layer_to_judge);
    metrics["h_L " + arm->arm.name] = arm->layers.back().h_norm;
    metrics["g_2 " + arm->arm.name] = judged.g_norm;
    metrics["cos_2 " + arm->arm.name] = judged.cos_mean;
  }
  for (const Ordering& each : orderings(results.vanilla(), results.penalised())) {
    metrics[each.name] = each.holds() ? "yes" : "no";
  }
  metrics["interpretation"] = interpret(results.penalised().layers.at(layer_to_judge)).text;
  return metrics;
}

void emit_pictures(const Results& results) {
  emit_cosines(results);
  emit_curves(results, "h_norm", "how large the residual stream becomes", "median norm of h_L", true,
              [](const EpochReport& epoch) { return epoch.h_norm; });
  emit_curves(results, "loss", "what the head makes of it", "training loss", false,
              [](const EpochReport& epoch) { return epoch.train_loss; });
  emit_accuracies(results);
}

}  // namespace rushlight::dfa
