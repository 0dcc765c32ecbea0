// chart.hpp: what is won against what is lost, as SVG for light and dark pages.
#pragma once

#include <string>
#include <vector>

namespace rushlight::compression {

struct Point {
  std::string name;
  double cost = 0, quality = 0;  // finite; cost above 0
};

struct Trade {
  std::string title;            // what is on both axes, and their units
  bool less_is_better = false;  // of quality; less cost always is
  std::vector<Point> points;    // at least one
};

// Whether no other point is as good in both and better in one: Pareto's front.
std::vector<bool> on_front(const Trade& trade);

// One panel for each trade: cost from left to right on a logarithmic axis, quality upwards, the better always higher. A
// full dot is on the front. Title and summary are for those who cannot see it.
std::string chart_of(const std::vector<Trade>& trades, const std::string& title, const std::string& summary);

}  // namespace rushlight::compression
