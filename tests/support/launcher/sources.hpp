// sources.hpp: whether a program was built from the files that are there now. It carries their digests
// (scripts/rushlight/steps), so that no date has to be believed.
#pragma once

#include <string>

namespace launcher {

// Throws UsageError, which names the first file that differs.
void check_sources(const std::string& exe, const std::string& root);

}  // namespace launcher
