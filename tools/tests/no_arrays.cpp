// There are no Arrays in these programs, so that there is no memory to watch.
#include "support/memory.hpp"

void rushlight::reporting::install_memory_watch() {}
