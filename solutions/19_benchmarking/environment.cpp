// environment.cpp: where it was measured, and why that matters.
#include "19_benchmarking/environment.hpp"

#include <algorithm>
#include <set>
#include <sstream>

#include "01_tensor/message.hpp"
#include "01_tensor/todo.hpp"

namespace rushlight::bench {

namespace {  // solution

std::string trimmed(const std::string& text) {
  constexpr const char* spaces = " \t\r\n";
  const std::size_t first = text.find_first_not_of(spaces);
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(spaces) - first + 1);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    if (const std::string kept = trimmed(line); !kept.empty()) lines.push_back(kept);
  }
  return lines;
}

void read_cpuinfo(const std::string& text, Environment& found) {
  for (const std::string& line : lines_of(text)) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    const std::string key = trimmed(line.substr(0, colon)), value = trimmed(line.substr(colon + 1));
    if (key == "processor") ++found.processors;
    if (key == "model name" && found.processor == "unknown" && !value.empty()) found.processor = value;
  }
}

}  // namespace

// 19.9 describe  the texts of the system -> processor, processors, governor, load, compiler, flags
//   cpuinfo: "key \t: value" a line;  governors, flags: one a line;  loadavg: its first number
// What is missing or makes no sense stays unknown. Throws nothing.
// Hint: std::istringstream and std::getline. A stream that reads no number is false, and the load stays empty. Different
// governors are "mixed".
Environment describe(const SystemTexts& texts) {
  Environment found;
  read_cpuinfo(texts.cpuinfo, found);
  const std::vector<std::string> governors = lines_of(texts.governors);
  const std::set<std::string> kinds(governors.begin(), governors.end());
  if (!kinds.empty()) found.governor = kinds.size() == 1 ? *kinds.begin() : "mixed";
  std::istringstream loads(texts.loadavg);
  if (double load = 0; loads >> load && load >= 0) found.load = load;
  found.compiler = texts.compiler;
  found.flags = lines_of(texts.flags);
  return found;
}

// 19.9 doubts  an environment -> sentences, in this order:
//   governor not "performance" (names it);  load unknown (says "load"), or above half of the processors (gives it);
//   no flag "optimised" (names it);  each flag that is "checks" or ends in "sanitizer" (names it)
// Hint: formatted("{:.2f}", {load}) of module 01. An empty list is good news.
std::vector<std::string> doubts(const Environment& environment) {
  std::vector<std::string> found;
  if (environment.governor != "performance") {
    found.push_back(formatted("The governor is {}: the processor may change its speed.", {environment.governor}));
  }
  if (!environment.load) {
    found.push_back("The load is unknown.");
  } else if (*environment.load > 0.5 * static_cast<double>(environment.processors)) {
    found.push_back(formatted("The load is {:.2f} on {} processors: others run, too.",
                              {*environment.load, environment.processors}));
  }
  const auto& flags = environment.flags;
  if (std::find(flags.begin(), flags.end(), "optimised") == flags.end()) {
    found.push_back("The compiler has not optimised this.");
  }
  for (const std::string& flag : flags) {
    if (flag == "checks" || flag.ends_with("sanitizer")) {
      found.push_back(formatted("It was compiled with {}: that takes time.", {flag}));
    }
  }
  return found;
}

}  // namespace rushlight::bench
