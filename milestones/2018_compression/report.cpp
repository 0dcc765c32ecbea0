#include "2018_compression/report.hpp"

#include <algorithm>
#include <cmath>

#include "2018_compression/chart.hpp"

namespace rushlight::compression {
namespace {

constexpr const char* mark = " ¹";
constexpr const char* meaning =
    "\n¹ Measured before the run was stopped, and taken from its checkpoint: these times and those without the mark are "
    "of two sittings.\n";

bool any_from_before(const Results& results) {
  const auto is_marked = [](const auto& each) { return each.from_before; };
  return results.speed_from_before || std::ranges::any_of(results.cnn.states, is_marked) ||
         std::ranges::any_of(results.gpt.states, is_marked) || std::ranges::any_of(results.widths, is_marked);
}

std::string rows_of(const Part& part, const char* what, const char* quality, const char* rate) {
  std::string text = fmt::format(
      "| {} | {} | file, bytes | times smaller | memory, bytes | one: median | one: p99 | {} a second |\n"
      "|---|---|---|---|---|---|---|---|\n",
      what, quality, rate);
  for (const Measured& state : part.states) {
    text += fmt::format("| {}{} | {:.4f} | {} | {:.2f} | {} | {} | {} | {:.0f} |\n", state.name,
                        state.from_before ? mark : "", state.quality, state.file_bytes,
                        static_cast<double>(part.first().file_bytes) / static_cast<double>(state.file_bytes),
                        state.memory_bytes, bench::duration(state.speed.median), bench::duration(state.speed.p99),
                        state.speed.rate);
  }
  return text;
}

std::string interval(const bench::Interval& ratio) {
  return fmt::format("{:.2f} ({:.2f} to {:.2f})", ratio.estimate, ratio.low, ratio.high);
}

std::string widths_of(const std::vector<WidthRow>& widths) {
  if (widths.empty()) return "";
  std::string text =
      "\n| width, random weights | float, bytes | q8_0, times faster | q4_0, times faster |\n|---|---|---|---|\n";
  for (const WidthRow& row : widths) {
    text += fmt::format("| {}{} | {} | {} | {} |\n", row.width, row.from_before ? mark : "", row.float_bytes,
                        interval(row.q8_0), interval(row.q4_0));
  }
  return text;
}

std::string turns_of(const Results& results) {
  return fmt::format(
      "\nA text of \"{}\" against one of \"{}\", in turns: {} times faster; the first against itself: {}.{}\n",
      results.gpt.chosen().name, results.gpt.first().name, interval(results.speed.ratio),
      interval(results.speed.a_to_itself), results.speed_from_before ? mark : "");
}

std::string noise_of_layers(const char* network, const std::vector<LayerNoise>& layers) {
  std::string text = fmt::format("\n| {}: layer |", network);
  for (const WeightFormat format : formats) text += fmt::format(" {}, dB |", name_of(format));
  text += "\n|---|---|---|---|\n";
  for (const LayerNoise& layer : layers) {
    text += fmt::format("| {} |", layer.path);
    for (const double each : layer.decibels) text += std::isnan(each) ? " |" : fmt::format(" {:.1f} |", each);
    text += "\n";
  }
  return text;
}

Trade trade_of(const Part& part, const std::string& title, bool less_is_better, double (*cost)(const Measured&)) {
  Trade trade{.title = title, .less_is_better = less_is_better, .points = {}};
  for (const Measured& state : part.states) trade.points.push_back({state.name, cost(state), state.quality});
  return trade;
}

double kilobytes(const Measured& state) { return static_cast<double>(state.file_bytes) / 1000; }
double microseconds(const Measured& state) { return 1e6 / state.speed.rate; }

std::vector<Trade> trades_of(const Results& results) {
  std::vector<Trade> trades;
  if (!results.cnn.states.empty()) {
    trades.push_back(trade_of(results.cnn, "CNN: test accuracy against kilobytes of the file", false, kilobytes));
  }
  if (!results.gpt.states.empty()) {
    trades.push_back(trade_of(results.gpt, "GPT: nats a character against kilobytes of the file", true, kilobytes));
    trades.push_back(
        trade_of(results.gpt, "GPT: nats a character against microseconds for a character", true, microseconds));
  }
  return trades;
}

}  // namespace

std::string table_of(const Results& results) {
  std::string text;
  if (!results.cnn.states.empty()) {
    text += rows_of(results.cnn, "CNN", "accuracy", "images") + noise_of_layers("CNN", results.cnn_noise);
  }
  if (!results.gpt.states.empty()) {
    if (!text.empty()) text += "\n";
    text += rows_of(results.gpt, "GPT", "nats a character", "characters") + turns_of(results) +
            widths_of(results.widths) + noise_of_layers("GPT", results.gpt_noise);
  }
  return any_from_before(results) ? text + meaning : text;
}

std::string svg_of(const Results& results) {
  std::string summary;
  const std::vector<Trade> trades = trades_of(results);
  for (const Trade& trade : trades) {
    summary += trade.title + ":";
    for (const Point& point : trade.points) {
      summary += fmt::format(" {} {:.4g} at {:.4g}{}", point.name, point.quality, point.cost,
                             &point == &trade.points.back() ? ". " : ",");
    }
  }
  return chart_of(trades, "What each step saves, and what it costs", summary);
}

milestone::Json metrics_json(const Results& results) {
  milestone::Json metrics;
  milestone::add_claims(metrics, claims(results));
  if (results.speed_from_before) metrics["GPT's speed, measured before the run was stopped"] = "yes";
  return metrics;
}

void emit_pictures(const Results& results) {
  const std::vector<Trade> trades = trades_of(results);
  for (const Trade& trade : trades) {
    milestone::Json series = milestone::Json::array();
    for (const Point& point : trade.points) {
      series.push_back({{"name", point.name}, {"x", {point.cost}}, {"y", {point.quality}}});
    }
    milestone::emit("picture", {{"kind", "curves"},
                                {"name", fmt::format("pareto-{}", &trade - trades.data() + 1)},
                                {"title", trade.title},
                                {"series", std::move(series)}});
  }
}

}  // namespace rushlight::compression
