// without_kernels.cpp: for the programs that run while module 18 is still a blank.
#include "common/kernels.hpp"

namespace rushlight::milestone {

bool use_kernels() { return false; }

}  // namespace rushlight::milestone
