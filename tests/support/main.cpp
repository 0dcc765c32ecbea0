// main.cpp: the main of every test program: gtest plus the event report that the launcher reads.
#include <gtest/gtest.h>

#include <cstdlib>

#include "support/canaries.hpp"
#include "support/channel.hpp"
#include "support/events.hpp"
#include "support/memory.hpp"

// Weak: with another BLAS (or none, in a small program) the symbol is absent, and there is nothing
// to set.
extern "C" __attribute__((weak)) void openblas_set_num_threads(int threads);

namespace {

// OpenBLAS reads its environment when it is loaded, before main: only this call still changes
// anything. One thread makes sums add up in the same order everywhere and keeps parallel test runs
// from fighting over cores.
void use_one_blas_thread() {
  if (std::getenv("OPENBLAS_NUM_THREADS") == nullptr && openblas_set_num_threads != nullptr) {
    openblas_set_num_threads(1);
  }
}

}  // namespace

int main(int argc, char** argv) {
  use_one_blas_thread();
  ::testing::InitGoogleTest(&argc, argv);
  rushlight::reporting::install_events();
  rushlight::reporting::install_memory_watch();
  if (rushlight::reporting::channel_open()) rushlight::reporting::register_canaries();
  return RUN_ALL_TESTS();
}
