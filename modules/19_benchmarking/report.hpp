// report.hpp: what was measured, for programs, for a page and for the eye. Given.
#pragma once

#include <string>
#include <vector>

#include "19_benchmarking/comparison.hpp"
#include "19_benchmarking/environment.hpp"
#include "19_benchmarking/latency.hpp"
#include "19_benchmarking/noise.hpp"
#include "19_benchmarking/warm_up.hpp"

namespace rushlight::bench {

// A series of samples, in short.
struct Summary {
  std::string name;
  std::int64_t samples = 0;  // that count
  WarmUp warm_up;            // what does not
  Interval seconds = {};     // of the median
  Outliers outliers = {};
  Drift drift = {};
};

// find_warm_up, and of the rest median_interval, find_outliers and find_drift. ValueError for fewer than 16 samples.
Summary summarise(const std::string& name, const Samples& samples, double level = 0.95);

struct NamedComparison {
  std::string a, b;
  Comparison comparison;
};

struct Tail {
  std::string name;
  std::int64_t samples = 0;
  std::vector<Percentile> percentiles;  // seconds
};

struct Report {
  std::string title;
  Environment environment = {};
  std::vector<Summary> summaries = {};
  std::vector<NamedComparison> comparisons = {};
  std::vector<Tail> tails = {};
};

// One JSON object with the keys title, environment, doubts, summaries, comparisons, tails; times in seconds, numbers
// that are not finite or unknown are null.
std::string to_json(const Report& report);

// A title, where it was measured, the doubts, and a table each for what there is. What is unknown or not enough is said in
// words.
std::string to_markdown(const Report& report);

// A picture of its own: for each summary a dot at the median and a bar over its interval, on an axis that begins at 0;
// then the ratio of each comparison, with A to itself beside it. Colours are currentColor: it reads on paper and at night.
std::string to_svg(const Report& report);

std::string duration(double seconds);  // "1.23 ms": three digits, and s, ms, us or ns

// "<stem>.json", ".md" and ".svg", each written whole or not at all. Throws FileError.
void save_report(const Report& report, const std::string& stem);

}  // namespace rushlight::bench
