// svg.hpp: the pieces that the milestones' charts are drawn with.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <string>

namespace rushlight::milestone::svg {

inline std::string escaped(const std::string& text) {
  std::string safe;
  for (const char c : text) safe += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '"' ? "&quot;" : std::string(1, c);
  return safe;
}

inline std::string text_at(double x, double y, const std::string& anchor, const std::string& text) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n", x, y, anchor, escaped(text));
}

inline std::string head_at(double y, const std::string& text) {
  return fmt::format("<text x=\"14\" y=\"{:.1f}\" class=\"head\">{}</text>\n", y, escaped(text));
}

inline std::string line(double x1, double y1, double x2, double y2, const std::string& kind) {
  return fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" class=\"{}\"/>\n", x1, y1, x2, y2,
                     kind);
}

// From one tick to the next: 0.5, 1 or 2 times a power of ten.
inline double tick_step(double span) {
  const double power = std::pow(10, std::floor(std::log10(span)));
  return power * (span / power > 5 ? 2 : span / power > 2 ? 1 : 0.5);
}

// A whole picture. Title and summary are for those who cannot see it; `inside`, with its styles, is what they cannot see.
inline std::string picture(double width, double height, const std::string& title, const std::string& summary,
                           const std::string& inside) {
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" role=\"img\" "
      "aria-labelledby=\"title desc\">\n<title id=\"title\">{2}</title>\n<desc id=\"desc\">{3}</desc>\n{4}</svg>\n",
      width, height, escaped(title), escaped(summary), inside);
}

}  // namespace rushlight::milestone::svg
