// memory.hpp: a case in which something was written past the end of an Array fails, even if every value was right.
#pragma once

namespace rushlight::reporting {

// After install_events(): gtest tells of a case's end in reverse order, and this failure belongs to the report.
void install_memory_watch();

}  // namespace rushlight::reporting
