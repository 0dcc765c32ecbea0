#include "2018_compression/chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "common/svg.hpp"

namespace rushlight::compression {
namespace {

using milestone::svg::head_at;
using milestone::svg::line;
using milestone::svg::text_at;
using milestone::svg::tick_step;

constexpr double width = 720, left = 70, right = 430, names = 452;  // of the picture, the axis, and where names begin
constexpr double head = 34, height = 190, foot = 44, line_height = 17;

constexpr const char* colours = R"(<style>
text { font: 13px system-ui, sans-serif; fill: #1f2328; }
.head { font-weight: 600; }
line { stroke: #d1d9e0; }
.to { stroke: #8c959f; }
circle { stroke: #0550ae; stroke-width: 1.5; fill: none; }
.front { fill: #0550ae; }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; } line { stroke: #3d444d; } .to { stroke: #656c76; } circle { stroke: #79c0ff; }
.front { fill: #79c0ff; }
}
</style>
)";

// From values to places, with some room at both ends.
class Scale {
 public:
  Scale(std::vector<double> values, double from, double to) : from_(from), to_(to) {
    low_ = std::ranges::min(values);
    high_ = std::ranges::max(values);
    const double room = std::max((high_ - low_) * 0.08, 1e-9);
    low_ -= room;
    high_ += room;
  }
  double at(double value) const { return from_ + (to_ - from_) * (value - low_) / (high_ - low_); }
  double low() const { return low_; }
  double high() const { return high_; }

 private:
  double low_ = 0, high_ = 1, from_, to_;
};

std::vector<double> column(const Trade& trade, double Point::*number, bool logarithm) {
  std::vector<double> values;
  for (const Point& point : trade.points) values.push_back(logarithm ? std::log10(point.*number) : point.*number);
  return values;
}

// 1, 2 and 5 times the powers of ten between two exponents.
std::vector<double> log_ticks(double low, double high) {
  std::vector<double> ticks;
  for (double power = std::floor(low); power <= high; ++power) {
    for (const double times : {1.0, 2.0, 5.0}) {
      const double tick = times * std::pow(10, power);
      if (std::log10(tick) >= low && std::log10(tick) <= high) ticks.push_back(tick);
    }
  }
  return ticks;
}

std::vector<double> ticks(double low, double high) {
  const double step = tick_step(high - low);
  std::vector<double> all;
  for (double tick = std::ceil(low / step) * step; tick <= high; tick += step) all.push_back(tick);
  return all;
}

// Names stand in a column beside the panel, in the order of their points, never over each other and never below it.
std::string points_of(const Trade& trade, const Scale& x, const Scale& y, double top) {
  const std::vector<bool> front = on_front(trade);
  std::vector<std::size_t> order(trade.points.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, {}, [&](std::size_t i) { return y.at(trade.points[i].quality); });
  std::string svg;
  double name_y = top, last_y = top + height - line_height * static_cast<double>(order.size());
  for (const std::size_t i : order) {
    const Point& point = trade.points[i];
    const double px = x.at(std::log10(point.cost)), py = y.at(point.quality);
    last_y += line_height;  // lower, and those that follow would not fit
    name_y = std::max(name_y + line_height, std::min(py + 4, last_y));
    svg += line(px, py, names - 4, name_y - 4, "to");
    svg += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"5\"{}/>\n", px, py, front[i] ? " class=\"front\"" : "");
    svg += text_at(names, name_y, "start", point.name);
  }
  return svg;
}

std::string panel_at(const Trade& trade, double top) {
  const double high = top + head, low = high + height;
  const Scale x(column(trade, &Point::cost, true), left, right);
  const Scale y(column(trade, &Point::quality, false), trade.less_is_better ? high : low,
                trade.less_is_better ? low : high);
  std::string svg = head_at(top + 20, trade.title);
  for (const double tick : log_ticks(x.low(), x.high())) {
    svg += line(x.at(std::log10(tick)), high, x.at(std::log10(tick)), low, "grid");
    svg += text_at(x.at(std::log10(tick)), low + 17, "middle", fmt::format("{:.6g}", tick));
  }
  for (const double tick : ticks(y.low(), y.high())) {
    svg += line(left, y.at(tick), right, y.at(tick), "grid");
    svg += text_at(left - 8, y.at(tick) + 4, "end", fmt::format("{:.4g}", tick));
  }
  return svg + points_of(trade, x, y, high);
}

}  // namespace

std::vector<bool> on_front(const Trade& trade) {
  const double sign = trade.less_is_better ? -1 : 1;
  const auto beats = [&](const Point& a, const Point& b) {
    const double gain = sign * (a.quality - b.quality);
    return a.cost <= b.cost && gain >= 0 && (a.cost < b.cost || gain > 0);
  };
  std::vector<bool> front;
  for (const Point& point : trade.points) {
    front.push_back(std::ranges::none_of(trade.points, [&](const Point& other) { return beats(other, point); }));
  }
  return front;
}

std::string chart_of(const std::vector<Trade>& trades, const std::string& title, const std::string& summary) {
  std::string inside;
  double y = 0;
  for (const Trade& trade : trades) {
    inside += panel_at(trade, y);
    y += head + height + foot;
  }
  return milestone::svg::picture(width, y, title, summary, colours + inside);
}

}  // namespace rushlight::compression
