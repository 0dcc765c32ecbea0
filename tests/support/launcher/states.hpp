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
  bool heard = false;     // at least one case began
  bool started = false;   // something was reported, if only by a canary
  std::string complaint;  // why nothing of it can be believed
};

Report read_events(const Received& received, const std::vector<Case*>& pending);

// Each gives a state to every case that the process can say something about. `output`: what it printed in its last
// case.
void settle_timeout(const Report& report, const std::vector<Case*>& pending, double limit, const std::string& output);
void settle_end(const End& end, const Report& report, const std::vector<Case*>& pending, const std::string& output);
void settle_unreadable(const std::vector<Case*>& pending);  // after either: at least one case has a state
void settle_dishonest(const Report& report, const std::vector<Case*>& pending);  // a complaint takes every state back
void name_memory(const std::vector<Case*>& pending, std::size_t limit);  // where memory ran out: how much there was
void all_crashed(const std::vector<Case*>& cases, const std::string& message);  // those without a state yet

// Progressive cases that came to other tasks' blanks alone wait for those.
void mark_waiting(std::vector<Task>& tasks);

}  // namespace launcher
