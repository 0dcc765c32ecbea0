// report.hpp: the verdicts, for programs and for people.
#pragma once

#include <vector>

#include "support/launcher/cases.hpp"

namespace launcher {

void print_json(const Options& options, const std::vector<Task>& tasks);
void print_text(const std::vector<Task>& tasks);
bool all_passed(const std::vector<Task>& tasks);
bool all_passed_or_wait(const std::vector<Task>& tasks);

}  // namespace launcher
