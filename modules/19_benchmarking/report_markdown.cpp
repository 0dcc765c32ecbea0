// report_markdown.cpp: given.
#include "01_tensor/message.hpp"
#include "19_benchmarking/report.hpp"

namespace rushlight::bench {
namespace {

// A bar would end the cell.
std::string cell(const std::string& text) {
  std::string safe;
  for (const char c : text) safe += c == '|' ? std::string("\\|") : std::string(1, c);
  return safe;
}

std::string where(const Environment& e) {
  std::string text = e.processor;
  if (e.processors > 0) text += formatted(", {} of them", {e.processors});
  text += formatted("; governor {}; ", {e.governor});
  text += e.load ? formatted("load {:.2f}", {*e.load}) : std::string("load unknown");
  text += formatted("; {}", {e.compiler});
  for (const std::string& flag : e.flags) text += ", " + flag;
  return text + ".\n";
}

std::string between(const Interval& interval) { return duration(interval.low) + " to " + duration(interval.high); }

std::string row(const Summary& s) {
  const std::string outliers =
      formatted("{} of which severe {}", {s.outliers.count(), s.outliers.low_severe + s.outliers.high_severe});
  const std::string drift = s.drift.seen ? formatted("{:+.1f} %", {100 * s.drift.change}) : std::string("none seen");
  return formatted("| {} | {} | {} | {} | {}{} | {} | {} |\n",
                   {cell(s.name), duration(s.seconds.estimate), between(s.seconds), s.samples, s.warm_up.samples,
                    s.warm_up.steady ? "" : ", never steady", outliers, drift});
}

std::string row(const NamedComparison& named) {
  const Comparison& c = named.comparison;
  return formatted("| {} / {} | {:.3f} | {:.3f} to {:.3f} | {:.3f} to {:.3f} | {} | {} |\n",
                   {cell(named.a), cell(named.b), c.ratio.estimate, c.ratio.low, c.ratio.high, c.a_to_itself.low,
                    c.a_to_itself.high, static_cast<std::int64_t>(c.rounds.a.size()), name_of(c.verdict)});
}

std::string row(const Tail& tail, const Percentile& each) {
  const std::string known = each.between
                                ? between(*each.between)
                                : formatted("{} samples, and it takes {}", {tail.samples, each.samples_needed});
  return formatted("| {} | p{:g} | {} | {} |\n", {cell(tail.name), 100 * each.q, duration(each.value), known});
}

}  // namespace

std::string to_markdown(const Report& report) {
  std::string text = "# " + report.title + "\n\n" + where(report.environment);
  const std::vector<std::string> why = doubts(report.environment);
  if (!why.empty()) text += "\n";
  for (const std::string& doubt : why) text += "- " + doubt + "\n";
  if (!report.summaries.empty()) {
    text += "\n| what | median | interval | samples | warm-up | outliers | drift |\n|---|---|---|---|---|---|---|\n";
    for (const Summary& each : report.summaries) text += row(each);
  }
  if (!report.comparisons.empty()) {
    text += "\n| A / B | ratio | interval | A / A | rounds | verdict |\n|---|---|---|---|---|---|\n";
    for (const NamedComparison& each : report.comparisons) text += row(each);
  }
  if (!report.tails.empty()) {
    text += "\n| latency of | percentile | at most | interval |\n|---|---|---|---|\n";
    for (const Tail& tail : report.tails) {
      for (const Percentile& each : tail.percentiles) text += row(tail, each);
    }
  }
  return text;
}

}  // namespace rushlight::bench
