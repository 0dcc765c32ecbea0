// kernel_error.hpp: what goes wrong on the device. Given.
#pragma once

#include "01_tensor/error.hpp"

namespace rushlight {

// A launch that the device refused, or a kernel that it stopped.
struct KernelError : Error {
  using Error::Error;
};

}  // namespace rushlight
