// chart.hpp: a chart of a few rows with one point for each seed, as SVG for light and dark pages.
#pragma once

#include <string>
#include <vector>

namespace rushlight::alignment {

struct ChartRow {
  std::string name;
  std::vector<double> values;  // one for each seed, 2 to 10
};

struct Panel {
  std::string title;  // what is measured, and its unit
  std::vector<ChartRow> rows;
};

// Panels one below the other, each with an axis of its own. In a row: a ring for each seed, a bar at their mean, and a
// line over the 95 % interval of the mean. Title and summary are for those who cannot see it.
std::string chart_of(const std::vector<Panel>& panels, const std::string& title, const std::string& summary);

}  // namespace rushlight::alignment
