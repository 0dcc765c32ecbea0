// installed.hpp: a kernel that stands in its slot for a scope.
#pragma once

#include "01_tensor/kernel_slot.hpp"

namespace rushlight::test {

template <class Kernel>
struct Installed {
  Installed(KernelSlot<Kernel>& slot, const Kernel& kernel) : slot(slot) { slot.install(Device::cpu, kernel); }
  ~Installed() { slot.remove(Device::cpu); }
  KernelSlot<Kernel>& slot;
};

}  // namespace rushlight::test
