// channel.hpp: the way that results take out of a test program: a socket that the launcher left open for it. It has no
// name, cannot be opened a second time, and what went into it cannot be read back. Each line begins with a number that
// was read from it before any initialiser of the tested code ran, and that stands nowhere else.
#pragma once

#include <string_view>

namespace rushlight::testing {

bool channel_open();               // false when somebody runs the program without the launcher
void send(std::string_view line);  // nothing happens where the channel is not open, or in a forked copy

}  // namespace rushlight::testing
