// roofline_svg.cpp: given. Both axes are logarithmic, so that slope and roof are straight lines.
#include <algorithm>
#include <cmath>

#include "14_profiling/pictures.hpp"

namespace rushlight {
namespace {

constexpr double left = 70, right = 740, top = 30, bottom = 420;

struct Axes2 {
  double x0, x1, y0, y1;  // powers of ten
  double x(double value) const { return left + (std::log10(value) - x0) / (x1 - x0) * (right - left); }
  double y(double value) const { return bottom - (std::log10(value) - y0) / (y1 - y0) * (bottom - top); }
};

Axes2 axes_for(const std::vector<RooflinePoint>& points, const Machine& machine) {
  double low_x = ridge(machine) / 30, high_x = ridge(machine) * 10;
  double low_y = machine.flops_per_s / 1000, high_y = machine.flops_per_s * 2;
  for (const RooflinePoint& point : points) {
    low_x = std::min(low_x, point.intensity / 1.5), high_x = std::max(high_x, point.intensity * 1.5);
    low_y = std::min(low_y, point.flops_per_s / 1.5), high_y = std::max(high_y, point.flops_per_s * 1.5);
  }
  return {std::floor(std::log10(low_x)), std::ceil(std::log10(high_x)), std::floor(std::log10(low_y)),
          std::ceil(std::log10(high_y))};
}

std::string line(double xa, double ya, double xb, double yb, const char* kind) {
  return formatted("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" class=\"{}\"/>\n",
                   {xa, ya, xb, yb, kind});
}

std::string words(double x, double y, const std::string& text, const char* anchor = "start") {
  return formatted("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n", {x, y, anchor, escaped(text)});
}

std::string grid(const Axes2& axes) {
  std::string text;
  for (double power = axes.x0; power <= axes.x1; ++power) {
    const double x = axes.x(std::pow(10, power));
    text +=
        line(x, top, x, bottom, "grid") + words(x, bottom + 16, formatted("{:.4g}", {std::pow(10, power)}), "middle");
  }
  for (double power = axes.y0; power <= axes.y1; ++power) {
    const double y = axes.y(std::pow(10, power));
    text +=
        line(left, y, right, y, "grid") + words(left - 6, y + 4, formatted("{:.4g}", {std::pow(10, power - 9)}), "end");
  }
  return text + words((left + right) / 2, bottom + 34, "FLOPs a byte", "middle") + words(8, 16, "GFLOP/s");
}

std::string roof(const Axes2& axes, const Machine& machine) {
  const double low = std::pow(10, axes.x0), high = std::pow(10, axes.x1),
               middle = std::clamp(ridge(machine), low, high);
  // Where the slope begins below the picture, it begins at its edge.
  const double start = std::max(low, std::pow(10, axes.y0) / machine.bytes_per_s);
  return line(axes.x(start), axes.y(attainable(machine, start)), axes.x(middle), axes.y(attainable(machine, middle)),
              "roof") +
         line(axes.x(middle), axes.y(machine.flops_per_s), axes.x(high), axes.y(machine.flops_per_s), "roof") +
         words(right, axes.y(machine.flops_per_s) - 8,
               formatted("{:.4g} GFLOP/s, {:.4g} GB/s: the ridge is at {:.3g} FLOPs a byte",
                         {machine.flops_per_s * 1e-9, machine.bytes_per_s * 1e-9, ridge(machine)}),
               "end");
}

std::string dot(const Axes2& axes, const RooflinePoint& point) {
  const double x = axes.x(point.intensity), y = axes.y(point.flops_per_s);
  const std::string name = point.op + (point.phase == Phase::backward ? "'" : "");
  const std::string title =
      formatted("{} {}: {:.3g} GFLOP/s at {:.3g} FLOPs a byte, {:.0f} % of what the roof allows{}",
                {point.op, name_of(point.phase), point.flops_per_s * 1e-9, point.intensity, 100 * point.of_attainable,
                 point.above_roof ? "; above the roof" : ""});
  return formatted(
      "<g><title>{}</title><circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\" class=\"{}\"/>{}</g>\n",
      {escaped(title), x, y, point.above_roof ? "above" : name_of(point.phase), words(x + 6, y + 4, name)});
}

}  // namespace

std::string roofline_svg(const std::vector<RooflinePoint>& points, const Machine& machine) {
  if (!(machine.flops_per_s > 0 && machine.bytes_per_s > 0)) {
    throw ValueError("roofline_svg: a machine with {} FLOP/s and {} B/s has no roof: both must be above 0.",
                     {machine.flops_per_s, machine.bytes_per_s});
  }
  const Axes2 axes = axes_for(points, machine);
  std::string text =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 760 470\" width=\"760\" height=\"470\" "
      "font-family=\"sans-serif\" font-size=\"11\">\n<style>svg{color:#222}text{fill:currentColor}"
      ".grid{stroke:currentColor;stroke-opacity:.15}.roof{stroke:currentColor;stroke-width:2}.forward{fill:#1b7837}"
      ".backward{fill:#2166ac}.above{fill:#b2182b}@media(prefers-color-scheme:dark){svg{color:#ddd}}</style>\n";
  text += grid(axes) + roof(axes, machine);
  for (const RooflinePoint& point : points) text += dot(axes, point);
  return text + words(left, 16, "          ' backward; red: above the roof") + "</svg>\n";
}

}  // namespace rushlight
