// environment.cpp: where it was measured, and why that matters.
#include "19_benchmarking/environment.hpp"

#include <algorithm>
#include <set>
#include <sstream>

#include "01_tensor/message.hpp"
#include "01_tensor/todo.hpp"

namespace rushlight::bench {

// 19.9 describe  the texts of the system -> processor, processors, governor, load, compiler, flags
//   cpuinfo: "key \t: value" a line;  governors, flags: one a line;  loadavg: its first number
// What is missing or makes no sense stays unknown. Throws nothing.
// Hint: std::istringstream and std::getline. A stream that reads no number is false, and the load stays empty. Different
// governors are "mixed".
Environment describe(const SystemTexts& texts) {
  todo("19.9");
}

// 19.9 doubts  an environment -> sentences, in this order:
//   governor not "performance" (names it);  load unknown (says "load"), or above half of the processors (gives it);
//   no flag "optimised" (names it);  each flag that is "checks" or ends in "sanitizer" (names it)
// Hint: formatted("{:.2f}", {load}) of module 01. An empty list is good news.
std::vector<std::string> doubts(const Environment& environment) {
  todo("19.9");
}

}  // namespace rushlight::bench
