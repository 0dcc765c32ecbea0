// statistics.cpp: module 19's verdicts for `rush bench`, so that the project judges its own times as it teaches to.
//   bench_statistics   with one JSON object a line on standard input, and one a line out:
//   {"do": "judge", "a": [...], "b": [...], "again": [...]}   times of rounds, at least 6 ->
//   {"ratio": {"low":, "estimate":, "high":}, "a_to_itself": {...}, "verdict": "no difference seen"}
//   {"do": "median", "values": [...]}   -> {"median": }
#include <iostream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "19_benchmarking/comparison.hpp"

namespace {

using Json = nlohmann::json;
using namespace rushlight::bench;

Json json_of(const Interval& interval) {
  return {{"low", interval.low}, {"estimate", interval.estimate}, {"high", interval.high}};
}

Json answer(const Json& request) {
  const std::string what = request.at("do");
  if (what == "median") return {{"median", median(request.at("values"))}};
  if (what != "judge") throw std::runtime_error("cannot do " + what);
  const Comparison found = judge({request.at("a"), request.at("b"), request.at("again")});
  return {{"ratio", json_of(found.ratio)},
          {"a_to_itself", json_of(found.a_to_itself)},
          {"verdict", name_of(found.verdict)}};
}

}  // namespace

int main(int, char** argv) {
  try {
    for (std::string line; std::getline(std::cin, line);) {
      std::cout << answer(Json::parse(line)).dump() << std::endl;
    }
    return 0;
  } catch (const std::exception& error) {
    std::cerr << argv[0] << ": " << error.what() << "\n";
    return 2;
  }
}
