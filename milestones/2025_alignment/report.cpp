#include "2025_alignment/report.hpp"

#include <algorithm>

#include "2025_alignment/chart.hpp"

namespace rushlight::alignment {
namespace {

template <class Report>
std::vector<double> column(const std::vector<Report>& reports, double Report::*number) {
  std::vector<double> values;
  for (const Report& report : reports) values.push_back(report.*number);
  return values;
}

// Everything that was measured, by what it belongs to.
std::vector<Panel> panels_of(const Results& results) {
  std::vector<Panel> panels;
  Panel students{"validation loss of the students, nats a character", {}};
  for (const Arm arm : arms) {
    if (!results.of(arm).empty()) students.rows.push_back({name_of(arm), results.of(arm)});
  }
  if (!students.rows.empty()) panels.push_back(students);
  if (const auto& reports = results.preferences; !reports.empty()) {
    panels.push_back({"held-out pairs in which short words are likelier, share",
                      {{"before, unmatched", column(reports, &PreferenceReport::unmatched_before)},
                       {"before", column(reports, &PreferenceReport::accuracy_before)},
                       {"after DPO", column(reports, &PreferenceReport::accuracy_after)}}});
    panels.push_back({"loss on held-out neutral text, nats a character",
                      {{"before", column(reports, &PreferenceReport::neutral_before)},
                       {"after DPO", column(reports, &PreferenceReport::neutral_after)}}});
    panels.push_back({"letters in a word of what the model writes",
                      {{"before", column(reports, &PreferenceReport::words_before)},
                       {"after DPO", column(reports, &PreferenceReport::words_after)}}});
  }
  if (const auto& reports = results.rewards; !reports.empty()) {
    panels.push_back(
        {"reward: digits of a sum that are right, share",
         {{"before", column(reports, &RewardReport::before)}, {"after GRPO", column(reports, &RewardReport::after)}}});
  }
  return panels;
}

}  // namespace

std::string table_of(const Results& results) {
  std::string text;
  for (const Panel& panel : panels_of(results)) {
    if (text.empty()) {
      text = "| |";
      for (std::size_t i = 1; i <= panel.rows.front().values.size(); ++i) text += fmt::format(" seed {} |", i);
      text += " mean | 95 % |\n|---|";
      for (std::size_t i = 0; i < panel.rows.front().values.size() + 2; ++i) text += "---|";
      text += "\n";
    }
    text += fmt::format("| **{}** |\n", panel.title);
    for (const ChartRow& row : panel.rows) {
      const Interval interval = interval_of(row.values);
      text += fmt::format("| {} |", row.name);
      for (const double value : row.values) text += fmt::format(" {:.4f} |", value);
      text += fmt::format(" {:.4f} | ± {:.4f} |\n", interval.mean, interval.high - interval.mean);
    }
  }
  return text;
}

std::string svg_of(const Results& results) {
  std::string summary;
  const std::vector<Panel> panels = panels_of(results);
  for (const Panel& panel : panels) {
    summary += panel.title + ":";
    for (const ChartRow& row : panel.rows) {
      summary +=
          fmt::format(" {} {:.3f}{}", row.name, interval_of(row.values).mean, &row == &panel.rows.back() ? ". " : ",");
    }
  }
  return chart_of(panels, "What each part came to, over three seeds", summary);
}

milestone::Json metrics_json(const Results& results) {
  milestone::Json metrics;
  if (results.teacher_loss > 0) metrics["teacher validation loss"] = results.teacher_loss;
  milestone::add_claims(metrics, claims(results));
  return metrics;
}

void emit_pictures(const Results& results) {
  for (const Panel& panel : panels_of(results)) {
    milestone::Json names = milestone::Json::array(), values = milestone::Json::array(),
                    errors = milestone::Json::array();
    for (const ChartRow& row : panel.rows) {
      const Interval interval = interval_of(row.values);
      names.push_back(row.name);
      values.push_back(interval.mean);
      errors.push_back(interval.high - interval.mean);
    }
    const std::string name = panel.title.substr(0, panel.title.find_first_of(",:"));
    milestone::emit("picture",
                    {{"kind", "bars"},
                     {"name", name},
                     {"title", panel.title},
                     {"y_label", "mean of three seeds, with its 95 % interval"},
                     {"groups", std::move(names)},
                     {"series", {{{"name", "mean"}, {"values", std::move(values)}, {"errors", std::move(errors)}}}}});
  }
}

}  // namespace rushlight::alignment
