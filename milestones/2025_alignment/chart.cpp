#include "2025_alignment/chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "2025_alignment/results.hpp"

namespace rushlight::alignment {
namespace {

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
    const double span = std::max(high - low, 1e-9);
    step_ = std::pow(10, std::floor(std::log10(span)));
    step_ *= span / step_ > 5 ? 2 : span / step_ > 2 ? 1 : 0.5;
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

std::string escaped(const std::string& text) {
  std::string safe;
  for (const char c : text) safe += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '"' ? "&quot;" : std::string(1, c);
  return safe;
}

std::string text_at(double x, double y, const std::string& anchor, const std::string& text) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n", x, y, anchor, escaped(text));
}

std::string line(double x1, double y1, double x2, double y2, const std::string& style) {
  return fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" {}/>\n", x1, y1, x2, y2, style);
}

std::string row_at(const ChartRow& row, const Axis& axis, double y) {
  const Interval interval = interval_of(row.values);
  std::string svg = text_at(left - 14, y + 4, "end", row.name);
  svg += line(axis.x(interval.low), y, axis.x(interval.high), y, "class=\"interval\"");
  svg += line(axis.x(interval.mean), y - 8, axis.x(interval.mean), y + 8, "class=\"mean\"");
  for (const double value : row.values) {
    svg += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\"/>\n", axis.x(value), y);
  }
  return svg;
}

std::string panel_at(const Panel& panel, double top) {
  const Axis axis(panel);
  const double bottom = top + head + row_height * static_cast<double>(panel.rows.size());
  std::string svg =
      fmt::format("<text x=\"14\" y=\"{:.1f}\" class=\"head\">{}</text>\n", top + 20, escaped(panel.title));
  for (const double tick : axis.ticks()) {
    svg += line(axis.x(tick), top + head, axis.x(tick), bottom, "class=\"grid\"");
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
  return fmt::format(
             "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" role=\"img\" "
             "aria-labelledby=\"title desc\">\n<title id=\"title\">{2}</title>\n<desc id=\"desc\">{3}</desc>\n",
             width, y, escaped(title), escaped(summary)) +
         colours + inside + "</svg>\n";
}

}  // namespace rushlight::alignment
