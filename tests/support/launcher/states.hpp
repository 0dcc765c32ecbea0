// states.hpp: from what a process reported and how it ended to the state of each of its cases.
#pragma once

#include <string>
#include <vector>

#include "support/launcher/process.hpp"

namespace launcher {

// What one process reported: which case it was in when it ended, which one it finished last,
// whether it came to its end.
struct Report {
  Case* running = nullptr;
  Case* last = nullptr;
  bool done = false;
  bool heard = false;    // at least one case began
  bool failure = false;  // some case was not ok, so that a non-zero exit status is no surprise
};

Report read_events(const std::string& path, const std::vector<Case*>& pending);

// Each gives a state to every case that the process can say something about. `output`: what it printed in its last
// case.
void settle_timeout(const Report& report, const std::vector<Case*>& pending, double limit, const std::string& output);
void settle_end(const End& end, const Report& report, const std::vector<Case*>& pending, const std::string& output);
void settle_unreadable(const std::vector<Case*>& pending);  // after either: at least one case has a state
void all_crashed(const std::vector<Case*>& cases, const std::string& message);  // those without a state yet

}  // namespace launcher
