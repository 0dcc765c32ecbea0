// install.cpp: linked into a test program, it puts module 18's kernels in place before every test: the tests of the
// earlier modules must not notice.
#include <gtest/gtest.h>

#include "18_acceleration/acceleration.hpp"

namespace {

class Accelerate : public ::testing::EmptyTestEventListener {
  void OnTestStart(const ::testing::TestInfo&) override { rushlight::accelerate(); }
};

// gtest's listeners may be added before main: its registry of tests is filled in the same way.
const bool installed = [] {
  ::testing::UnitTest::GetInstance()->listeners().Append(new Accelerate);
  return true;
}();

}  // namespace
