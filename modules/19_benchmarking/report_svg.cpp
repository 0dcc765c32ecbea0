// report_svg.cpp: given. Dots with bars: where a value is, and how well that is known.
#include <algorithm>

#include "01_tensor/message.hpp"
#include "19_benchmarking/report.hpp"

namespace rushlight::bench {
namespace {

constexpr double width = 720, left = 220, right = 690, line_height = 28;

std::string escaped(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    if (c == '&') {
      safe += "&amp;";
    } else if (c == '<') {
      safe += "&lt;";
    } else {
      safe += c;
    }
  }
  return safe;
}

struct Axis {
  double from, to;

  double place(double value) const { return left + (right - left) * (value - from) / (to - from); }
};

std::string label(double x, double y, const char* anchor, const std::string& text) {
  return formatted("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n", {x, y, anchor, escaped(text)});
}

std::string bar(const Axis& axis, const Interval& interval, double y, double thickness, const char* opacity) {
  return formatted(
      "<line x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" y2=\"{:.1f}\" stroke-width=\"{}\" opacity=\"{}\"/>\n"
      "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\" opacity=\"{}\"/>\n",
      {axis.place(interval.low), axis.place(interval.high), y, y, thickness, opacity, axis.place(interval.estimate), y,
       opacity});
}

std::string ends_of(const Axis& axis, double y, const std::string& from, const std::string& to) {
  return formatted("<line x1=\"{}\" x2=\"{}\" y1=\"{:.1f}\" y2=\"{:.1f}\" stroke-width=\"1\"/>\n",
                   {left, right, y, y}) +
         label(axis.place(axis.from), y + 16, "start", from) + label(axis.place(axis.to), y + 16, "end", to);
}

std::string summaries(const std::vector<Summary>& rows, double& y) {
  double most = 0;
  for (const Summary& each : rows) most = std::max(most, each.seconds.high);
  const Axis axis{0, most > 0 ? 1.05 * most : 1};
  std::string text;
  for (const Summary& each : rows) {
    text += label(left - 12, y + 5, "end", each.name) + bar(axis, each.seconds, y, 3, "1");
    y += line_height;
  }
  text += ends_of(axis, y, "0", duration(axis.to));
  y += 2 * line_height;
  return text;
}

std::string comparisons(const std::vector<NamedComparison>& rows, double& y) {
  double low = 1, high = 1;
  for (const NamedComparison& each : rows) {
    for (const Interval& interval : {each.comparison.ratio, each.comparison.a_to_itself}) {
      low = std::min(low, interval.low), high = std::max(high, interval.high);
    }
  }
  const double room = 0.05 * (high - low) + 0.01;
  const Axis axis{low - room, high + room};
  std::string text;
  const double top = y - line_height / 2;
  for (const NamedComparison& each : rows) {
    text += label(left - 12, y + 5, "end", each.a + " / " + each.b) + bar(axis, each.comparison.ratio, y, 3, "1");
    text += label(left - 12, y + 19, "end", "A / A") + bar(axis, each.comparison.a_to_itself, y + 14, 3, "0.45");
    y += 1.5 * line_height;
  }
  text += formatted(
      "<line x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" y2=\"{:.1f}\" stroke-width=\"1\" "
      "stroke-dasharray=\"4 3\"/>\n",
      {axis.place(1), axis.place(1), top, y});
  text += ends_of(axis, y, formatted("{:.3f}", {axis.from}), formatted("{:.3f}", {axis.to}));
  y += 2 * line_height;
  return text;
}

}  // namespace

std::string to_svg(const Report& report) {
  double y = 64;
  std::string body;
  if (!report.summaries.empty()) body += summaries(report.summaries, y);
  if (!report.comparisons.empty()) body += comparisons(report.comparisons, y);
  const std::string open = formatted(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{:.0f}\" viewBox=\"0 0 {} {:.0f}\" role=\"img\" "
      "fill=\"currentColor\" stroke=\"none\" font-family=\"system-ui, sans-serif\" font-size=\"13\">\n",
      {width, y, width, y});
  return open + "<style>line { stroke: currentColor; }</style>\n<title>" + escaped(report.title) + "</title>\n" +
         label(16, 28, "start", report.title) + body + "</svg>\n";
}

}  // namespace rushlight::bench
