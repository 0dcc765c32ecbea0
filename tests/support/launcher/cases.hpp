// cases.hpp: the expected cases, by task, and what became of each.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "support/launcher/options.hpp"

namespace launcher {

// Ordered from best to worst. `unknown` is a case that has not been heard of yet. `waits`: a progressive case that only
// the blanks of other tasks stop; it says nothing of its own task.
enum class State { unknown, pass, waits, todo, missing, wrong, crash };

const char* name_of(State state);

struct Case {
  std::string name;
  bool progressive = false;
  State state = State::unknown;
  bool started = false;
  std::vector<std::string> todo;
  double ms = 0;
  std::string message;
  std::string file;
  int line = 0;
};

struct Task {
  std::string id;
  std::vector<Case> cases;
  double seconds = 0;
};

// The kinds of tests, by the word that suite names begin with.
inline const std::map<std::string, std::string, std::less<>> kKinds = {{"Unit", "unit"},
                                                                       {"GradientFlow", "gradient_flow"},
                                                                       {"Progressive", "progressive"},
                                                                       {"Integration", "integration"},
                                                                       {"Regression", "regression"},
                                                                       {"Given", "given"},
                                                                       {"Milestones", "milestones"}};

// What the list of cases expects of the tasks that were asked for, sorted by id. Throws UsageError when a line is not
// a case's name, or when nothing matches.
std::vector<Task> read_tasks(const Options& options);

}  // namespace launcher
