// first_failure.hpp: which failed check of a case is shown, in which words, and at which line.
#pragma once

#include <gtest/gtest.h>

#include <string>

namespace rushlight::reporting {

struct Failure {
  std::string message;
  std::string file;
  int line;
};

// The check to read first: what broke memory or an operand breaks the rest; values come before the texts of errors; of
// equals the earliest. One that failed inside a helper is shown at the line of its TEST, which says what was asked.
// Also the reason of a skip. Without a failure, the case's own place and no message.
Failure first_failure(const ::testing::TestInfo& info);

}  // namespace rushlight::reporting
