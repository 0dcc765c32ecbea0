// report_json.cpp: given. nlohmann's library writes a number that is not finite as null.
#include <nlohmann/json.hpp>

#include "19_benchmarking/report.hpp"

namespace rushlight::bench {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Interval& interval) {
  return {{"low", interval.low}, {"estimate", interval.estimate}, {"high", interval.high}};
}

Json json_of(const Environment& environment) {
  return {{"processor", environment.processor},
          {"processors", environment.processors > 0 ? Json(environment.processors) : Json()},
          {"governor", environment.governor},
          {"load", environment.load ? Json(*environment.load) : Json()},
          {"compiler", environment.compiler},
          {"flags", environment.flags}};
}

Json json_of(const Summary& s) {
  return {{"name", s.name},
          {"samples", s.samples},
          {"warm_up", s.warm_up.samples},
          {"steady", s.warm_up.steady},
          {"seconds", json_of(s.seconds)},
          {"outliers",
           {{"low_severe", s.outliers.low_severe},
            {"low_mild", s.outliers.low_mild},
            {"high_mild", s.outliers.high_mild},
            {"high_severe", s.outliers.high_severe}}},
          {"drift", {{"change", s.drift.change}, {"z", s.drift.z}, {"seen", s.drift.seen}}}};
}

Json json_of(const NamedComparison& named) {
  const Comparison& comparison = named.comparison;
  return {{"a", named.a},
          {"b", named.b},
          {"rounds", comparison.rounds.a.size()},
          {"warm_up", comparison.warm_up},
          {"ratio", json_of(comparison.ratio)},
          {"a_to_itself", json_of(comparison.a_to_itself)},
          {"verdict", name_of(comparison.verdict)}};
}

Json json_of(const Tail& tail) {
  Json rows = Json::array();
  for (const Percentile& each : tail.percentiles) {
    rows.push_back({{"q", each.q},
                    {"value", each.value},
                    {"between", each.between ? json_of(*each.between) : Json()},
                    {"samples_needed", each.samples_needed}});
  }
  return {{"name", tail.name}, {"samples", tail.samples}, {"percentiles", rows}};
}

template <class Row>
Json list_of(const std::vector<Row>& rows) {
  Json list = Json::array();
  for (const Row& row : rows) list.push_back(json_of(row));
  return list;
}

}  // namespace

std::string to_json(const Report& report) {
  const Json whole = {{"title", report.title},
                      {"environment", json_of(report.environment)},
                      {"doubts", doubts(report.environment)},
                      {"summaries", list_of(report.summaries)},
                      {"comparisons", list_of(report.comparisons)},
                      {"tails", list_of(report.tails)}};
  return whole.dump(2) + "\n";
}

}  // namespace rushlight::bench
