// primitives.cpp: every primitive of module 01 in turns with a textbook expression and a loop by hand.
//   bench_primitives ROUNDS BACKEND [OP,...]   BACKEND is accelerated or plain; prints {"core": "Haswell",
//   "primitives": [{"op": "add", "size": "(8,)", "textbook_ns": 150, "loop_ns": 30, "ours_ns": 33, ...}, ...]}
#include "primitives.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "18_acceleration/acceleration.hpp"

extern "C" char* openblas_get_corename();

namespace benchmarks {
namespace {

constexpr double slice = 200e-6;  // seconds that a form runs before it is the next one's turn

std::int64_t calls_in_a_slice(const Seconds& form) {
  form(1);
  std::int64_t calls = 1;
  while (form(calls) < slice / 2) calls *= 2;
  return calls;
}

nlohmann::ordered_json measure(const Case& each, int rounds) {
  const Seconds* forms[] = {&each.textbook, &each.loop, &each.ours};
  std::int64_t calls[3];
  double best[3];
  for (int i = 0; i < 3; ++i) {
    calls[i] = calls_in_a_slice(*forms[i]);
    best[i] = INFINITY;
  }
  for (int round = 0; round < rounds; ++round) {
    for (int i = 0; i < 3; ++i) {
      best[i] = std::min(best[i], 1e9 * (*forms[i])(calls[i]) / static_cast<double>(calls[i]));
    }
  }
  return {{"op", each.op},
          {"size", each.size},
          {"textbook_ns", best[0]},
          {"loop_ns", best[1]},
          {"ours_ns", best[2]},
          {"ratio", best[2] / best[1]},
          {"textbook_ratio", best[0] / best[2]}};
}

Cases all_cases() {
  Cases cases;
  for (const auto add : {add_arithmetic, add_math, add_choices, add_reductions, add_movement, add_indexing}) add(cases);
  add_products(cases);
  return cases;
}

std::vector<std::string> names_in(const std::string& list) {
  std::vector<std::string> names;
  std::istringstream text(list);
  for (std::string name; std::getline(text, name, ',');) names.push_back(name);
  return names;
}

void run(int rounds, bool accelerated, const std::vector<std::string>& wanted) {
  if (accelerated) rushlight::accelerate();
  Cases cases = all_cases();
  if (!wanted.empty()) {
    for (const std::string& name : wanted) {
      const auto is_it = [&](const Case& each) { return each.op == name; };
      if (std::none_of(cases.begin(), cases.end(), is_it)) throw std::runtime_error("there is no primitive " + name);
    }
    std::erase_if(cases, [&](const Case& each) { return std::count(wanted.begin(), wanted.end(), each.op) == 0; });
  }
  for (const Case& each : cases) each.check();
  nlohmann::ordered_json report{{"core", openblas_get_corename()}, {"primitives", nlohmann::json::array()}};
  for (const Case& each : cases) report["primitives"].push_back(measure(each, rounds));
  std::cout << report.dump() << "\n";
}

}  // namespace
}  // namespace benchmarks

int main(int argc, char** argv) {
  try {
    if (argc < 3) throw std::runtime_error("usage: bench_primitives ROUNDS BACKEND [OP,...]");
    const std::string backend = argv[2];
    benchmarks::run(std::atoi(argv[1]), backend == "accelerated", benchmarks::names_in(argc > 3 ? argv[3] : ""));
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 2;
  }
}
