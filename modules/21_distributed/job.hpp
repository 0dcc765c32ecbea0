// job.hpp: given, for world.cpp and job.cpp.
#pragma once

#include <string>

namespace rushlight {

// Where this rank is, in memory that a signal handler may read.
void keep_whereabouts(const std::string& whereabouts);

}  // namespace rushlight
