#include "support/canaries.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "01_tensor/todo.hpp"

namespace rushlight::reporting {
namespace {

template <void (*body)()>
class Canary : public ::testing::Test {
  void TestBody() override { body(); }
};

template <void (*body)()>
void add(const char* name, int line) {
  ::testing::RegisterTest("Canary", name, nullptr, nullptr, "tests/support/canaries.cpp", line,
                          []() -> ::testing::Test* { return new Canary<body>; });
}

void fails() { EXPECT_EQ(take_todos().size(), 1u) << "as it must"; }
void throws() { throw std::runtime_error("as it must"); }
void blank() {
  try {
    todo("00.0");
  } catch (const Todo&) {
  }
}
void passes() { EXPECT_EQ(take_todos().size(), 0u); }

}  // namespace

void register_canaries() {
  add<fails>("Fails", __LINE__);
  add<throws>("Throws", __LINE__);
  add<blank>("Blank", __LINE__);
  add<passes>("Passes", __LINE__);
}

}  // namespace rushlight::reporting
