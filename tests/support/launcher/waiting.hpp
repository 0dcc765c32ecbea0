// waiting.hpp: how long a process was ready to run while others had the processors. A time limit that counted this would
// blame a student for what else the machine does.
#pragma once

#include <sys/types.h>

#include <chrono>

namespace launcher {

// Of its threads, the one that waited longest: the others may have waited for that one. Nothing where Linux keeps no
// such account.
std::chrono::nanoseconds kept_waiting(pid_t pid);

}  // namespace launcher
