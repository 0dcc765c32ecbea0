// with_kernels.cpp: for the programs that are linked with module 18.
#include "18_acceleration/acceleration.hpp"
#include "common/kernels.hpp"

namespace rushlight::milestone {

bool use_kernels() {
  accelerate();
  return true;
}

}  // namespace rushlight::milestone
