// block.hpp: running the threads of one block. Each has a stack of its own (a fiber) as soon as it has to wait for others;
// one fiber runs many threads one after another while none of them waits. Given.
#pragma once

#include <functional>

#include "22_cuda/emulator/cell.hpp"
#include "22_cuda/emulator/launch.hpp"

namespace rushlight::emulator {

// Runs all threads of block `index`. Throws what a thread threw, and KernelError when the threads wait for each other in
// vain.
void run_block(const Grid& grid, const dim3& index, const std::function<void()>& thread);

void begin_launch(const Grid& grid);  // what came before is over: no race with it
bool backwards();                     // whether InOrder asks for the last block first

void check_race(const Access& access);  // throws KernelError; remembers the access otherwise

}  // namespace rushlight::emulator
