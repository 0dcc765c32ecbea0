// report.cpp: given. A summary, and three files.
#include "19_benchmarking/report.hpp"

#include <cmath>

#include "01_tensor/message.hpp"
#include "07_training/checkpoint.hpp"
#include "19_benchmarking/checks.hpp"

namespace rushlight::bench {

Summary summarise(const std::string& name, const Samples& samples, double level) {
  check_times("summarise", samples.seconds, 16);
  Summary summary{.name = name, .warm_up = find_warm_up(samples.seconds)};
  const std::vector<double> steady(samples.seconds.begin() + summary.warm_up.samples, samples.seconds.end());
  summary.samples = static_cast<std::int64_t>(steady.size());
  summary.seconds = median_interval(steady, level);
  summary.outliers = find_outliers(steady);
  summary.drift = find_drift(steady);
  return summary;
}

std::string duration(double seconds) {
  if (!std::isfinite(seconds)) return "unknown";
  const double size = std::abs(seconds);
  if (size >= 1 || size == 0) return formatted("{:.3g} s", {seconds});
  if (size >= 1e-3) return formatted("{:.3g} ms", {1e3 * seconds});
  if (size >= 1e-6) return formatted("{:.3g} us", {1e6 * seconds});
  return formatted("{:.3g} ns", {1e9 * seconds});
}

void save_report(const Report& report, const std::string& stem) {
  const auto save = [&](const char* ending, const std::string& text) {
    write_file(stem + ending, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  };
  save(".json", to_json(report));
  save(".md", to_markdown(report));
  save(".svg", to_svg(report));
}

}  // namespace rushlight::bench
