// The chart of the milestone of 2025.
#include <cmath>

#include "2025_alignment/chart.hpp"
#include "support/rush_test.hpp"

namespace rushlight::alignment {
namespace {

// The number at an attribute of the first element that begins so.
double attribute(const std::string& svg, const std::string& after, const std::string& name) {
  const std::size_t from = svg.find(after);
  if (from == std::string::npos) throw Error("no " + after);
  const std::size_t at = svg.find(name + "=\"", from) + name.size() + 2;
  return std::stod(svg.substr(at));
}

TEST(Milestones_20, TheChartPlacesWhatItMeasured) {
  const std::string svg = chart_of({{"a < b", {{"one", {1, 2, 6}}}}}, "title", "what it shows");
  EXPECT_NE(svg.find("a &lt; b"), std::string::npos);
  EXPECT_NE(svg.find("<desc id=\"desc\">what it shows</desc>"), std::string::npos);
  const double one = attribute(svg, "<circle", "cx");
  const std::size_t second = svg.find("<circle", svg.find("<circle") + 1), third = svg.find("<circle", second + 1);
  const double two = attribute(svg.substr(second), "<circle", "cx"),
               six = attribute(svg.substr(third), "<circle", "cx");
  EXPECT_NEAR(six - one, 5 * (two - one), 0.3) << "an even axis";
  const std::size_t mean = svg.find("class=\"mean\"");
  EXPECT_NEAR(attribute(svg.substr(svg.rfind("<line", mean)), "<line", "x1"), one + 2 * (two - one), 0.3);
  const std::size_t interval = svg.find("class=\"interval\"");
  const std::string bar = svg.substr(svg.rfind("<line", interval));
  const double half = 4.303 * std::sqrt(7.0 / 3) * (two - one);
  EXPECT_NEAR(attribute(bar, "<line", "x2") - attribute(bar, "<line", "x1"), 2 * half, 0.5);
}

}  // namespace
}  // namespace rushlight::alignment
