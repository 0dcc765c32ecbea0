// options.hpp: what was asked for.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

namespace launcher {

// The question cannot be answered: exit status 2.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Options {
  std::string exe;
  std::string cases;
  std::vector<std::string> tasks;
  std::string kind;
  std::string sources;  // the course's folder, when the program must have been built from what is there now
  double timeout = 10;
  std::size_t memory = 4096;  // MiB of addresses that a process may use; 0: as much as there is
  std::size_t jobs = 1;
  bool as_json = false;
};

}  // namespace launcher
