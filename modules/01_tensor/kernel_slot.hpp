// kernel_slot.hpp: where a faster kernel plugs in. An op that deserves one declares a slot in its own header, holding
// a forward/backward pair per device. An empty slot means the composed path that you wrote. Modules 18 (cpu) and 22
// (cuda) fill slots by an explicit install(), never by a static initialiser.
#pragma once

#include <array>

#include "01_tensor/array.hpp"

namespace rushlight {

// Kernel is a struct of function pointers; its first member, `forward`, is null while the slot is empty.
template <class Kernel>
class KernelSlot {
 public:
  void install(Device device, const Kernel& kernel) { kernels_[static_cast<int>(device)] = kernel; }
  void remove(Device device) { install(device, {}); }
  bool installed(Device device) const { return kernels_[static_cast<int>(device)].forward != nullptr; }

  // What to call: the installed kernel, or else the composed one.
  Kernel get(Device device, const Kernel& composed) const {
    return installed(device) ? kernels_[static_cast<int>(device)] : composed;
  }

 private:
  std::array<Kernel, 2> kernels_{};
};

}  // namespace rushlight
