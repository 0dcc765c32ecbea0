// output.hpp: what a process printed, and what that says about its end.
#pragma once

#include <string>
#include <vector>

#include "support/launcher/process.hpp"

namespace launcher {

std::string read_tail(const std::string& path);                  // "" when there is no such file
std::string since_last_case(const std::string& output);          // what was printed since gtest announced the last case
std::string printed(const std::string& output);                  // its last lines, to be appended to a message; or ""
std::string sanitizer_report(const std::string& output);         // its headline and the course's frames; or ""
std::vector<std::string> todo_lines(const std::string& output);  // ids of the blanks that it reached
std::string end_text(const End& end);

}  // namespace launcher
