#include "2025_alignment/chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "2025_alignment/results.hpp"
#include "common/svg.hpp"

namespace rushlight::alignment {
namespace {

using milestone::svg::head_at;
using milestone::svg::line;
using milestone::svg::text_at;
using milestone::svg::tick_step;

constexpr double width = 640, left = 190, right = 610;  // of the picture, and of what an axis spans
constexpr double row_height = 26, head = 34, foot = 30;

constexpr const char* colours = R"(<style>
text { font: 13px system-ui, sans-serif; fill: #1f2328; }
.head { font-weight: 600; }
line { stroke: #59636e; }
.grid { stroke: #d1d9e0; }
.interval { stroke: #0550ae; stroke-width: 2; }
.mean { stroke: #0550ae; stroke-width: 4; }
circle { fill: none; stroke: #bc4c00; stroke-width: 1.5; }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; } .grid { stroke: #3d444d; } .interval, .mean { stroke: #79c0ff; } circle { stroke: #ffa657; }
}
</style>
)";

// Where numbers lie between two ends, which are round ones.
class Axis {
 public:
  explicit Axis(const Panel& panel) {
    double low = INFINITY, high = -INFINITY;
    for (const ChartRow& row : panel.rows) {
      const Interval interval = interval_of(row.values);
      low = std::min({low, interval.low, std::ranges::min(row.values)});
      high = std::max({high, interval.high, std::ranges::max(row.values)});
    }
    step_ = tick_step(std::max(high - low, 1e-9));
    low_ = std::floor(low / step_) * step_;
    high_ = std::ceil(high / step_) * step_;
  }
  double x(double value) const { return left + (right - left) * (value - low_) / (high_ - low_); }
  std::vector<double> ticks() const {
    std::vector<double> all;
    for (double i = 0; low_ + i * step_ < high_ + step_ / 2; ++i) all.push_back(low_ + i * step_);
    return all;
  }

 private:
  double low_ = 0, high_ = 1, step_ = 1;
};

std::string row_at(const ChartRow& row, const Axis& axis, double y) {
  const Interval interval = interval_of(row.values);
  std::string svg = text_at(left - 14, y + 4, "end", row.name);
  svg += line(axis.x(interval.low), y, axis.x(interval.high), y, "interval");
  svg += line(axis.x(interval.mean), y - 8, axis.x(interval.mean), y + 8, "mean");
  for (const double value : row.values) {
    svg += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\"/>\n", axis.x(value), y);
  }
  return svg;
}

std::string panel_at(const Panel& panel, double top) {
  const Axis axis(panel);
  const double bottom = top + head + row_height * static_cast<double>(panel.rows.size());
  std::string svg = head_at(top + 20, panel.title);
  for (const double tick : axis.ticks()) {
    svg += line(axis.x(tick), top + head, axis.x(tick), bottom, "grid");
    svg += text_at(axis.x(tick), bottom + 16, "middle", fmt::format("{:.6g}", std::abs(tick) < 1e-12 ? 0 : tick));
  }
  double y = top + head + row_height / 2;
  for (const ChartRow& row : panel.rows) {
    svg += row_at(row, axis, y);
    y += row_height;
  }
  return svg;
}

}  // namespace

std::string chart_of(const std::vector<Panel>& panels, const std::string& title, const std::string& summary) {
  std::string inside;
  double y = 0;
  for (const Panel& panel : panels) {
    inside += panel_at(panel, y);
    y += head + row_height * static_cast<double>(panel.rows.size()) + foot;
  }
  return milestone::svg::picture(width, y, title, summary, colours + inside);
}

}  // namespace rushlight::alignment
