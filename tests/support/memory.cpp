#include "support/memory.hpp"

#include <gtest/gtest.h>

#include "01_tensor/guard.hpp"

namespace rushlight::reporting {
namespace {

class MemoryWatch : public ::testing::EmptyTestEventListener {
 public:
  void OnTestEnd(const ::testing::TestInfo& info) override {
    const std::string damage = guard::take_damage();
    if (!damage.empty()) ADD_FAILURE_AT(info.file(), info.line()) << damage;
  }
};

}  // namespace

void install_memory_watch() { ::testing::UnitTest::GetInstance()->listeners().Append(new MemoryWatch); }

}  // namespace rushlight::reporting
