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
  double timeout = 10;
  std::size_t jobs = 1;
  bool as_json = false;
};

}  // namespace launcher
