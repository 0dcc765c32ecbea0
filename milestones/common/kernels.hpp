// kernels.hpp: a milestone's program is linked with with_kernels.cpp or with without_kernels.cpp. One without them needs no
// module that comes later than its own.
#pragma once

namespace rushlight::milestone {

bool use_kernels();  // puts module 18's kernels in place; false where the program has none

}  // namespace rushlight::milestone
