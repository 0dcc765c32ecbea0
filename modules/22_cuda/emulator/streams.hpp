// streams.hpp: what is waiting in streams. Given.
#pragma once

#include <functional>

#include "22_cuda/emulator/launch.hpp"

namespace rushlight::emulator {

void push(cudaStream_t stream, std::function<void()> work);
void run_all(cudaStream_t stream);

}  // namespace rushlight::emulator
