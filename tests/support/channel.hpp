// channel.hpp: the way that results take out of a test program or a milestone: a socket that whoever started it left open
// for it (the launcher; scripts/rushlight/milestones/channel.py). It has no name, cannot be opened a second time, and what
// went into it cannot be read back. Each line begins with a number that was read from it before any initialiser of the
// code under test ran, and that stands nowhere else.
#pragma once

#include <string_view>

namespace rushlight::reporting {

bool channel_open();  // false when somebody starts the program by hand

// Whether the line went out: not where the channel is not open, in a forked copy, or when nobody listens any more.
bool send(std::string_view line);

}  // namespace rushlight::reporting
