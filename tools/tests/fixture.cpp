// fixture.cpp: a test program in which each task misbehaves in its own way; test_launcher.py picks
// one by name.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <memory>
#include <thread>
#include <vector>

#include "01_tensor/todo.hpp"
#include "support/channel.hpp"

namespace {

using rushlight::todo;

[[noreturn]] void report_like_a_sanitizer() {
  std::fputs(
      "=====\n==123==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x60 at pc 0x55 bp 0x7f sp 0x7f\n"
      "    #0 0x1 in std::vector /usr/include/c++/12/vector:1\n    #1 0x2 in relu /x/modules/02_a/a.cpp:12\n"
      "    #2 0x3 in main /x/modules/02_a/b.cpp:9\nSUMMARY: AddressSanitizer: heap-buffer-overflow\n",
      stderr);
  ::_exit(1);
}

// Two tasks that run at the same time can meet: each leaves a file and waits for the other's.
bool meets(const std::string& mine, const std::string& other) {
  const std::string folder = std::getenv("FIXTURE_MEETING");
  std::ofstream(folder + "/" + mine) << "here";
  for (int tries = 0; tries < 500 && !std::ifstream(folder + "/" + other); ++tries) ::usleep(10'000);
  return static_cast<bool>(std::ifstream(folder + "/" + other));
}

// What code under test could do if it found the descriptor, but not the number that each line begins with.
void send_without_the_number(const std::string& text) {
  for (int each = 3; each < 1024; ++each) ::send(each, text.data(), text.size(), MSG_NOSIGNAL);
}

// What it could do if it had found both: break the rules of a report.
using rushlight::reporting::send;

TEST(Unit_02_1, Passes) { EXPECT_EQ(1, 1); }
TEST(GradientFlow_02_1, Passes) { EXPECT_EQ(2, 2); }

TEST(Unit_02_2, Passes) {}
TEST(Unit_02_2, Fails) {
  EXPECT_EQ(1, 2) << "the first reason";
  EXPECT_EQ(3, 4) << "the second reason";
}
TEST(Unit_02_2, Throws) { throw std::runtime_error("thrown by the test"); }

// A crash in the middle: the case after it must still run.
TEST(Unit_02_3, Before) {}
TEST(Unit_02_3, Crashes) {
  std::puts("last words");
  std::fflush(stdout);
  ::raise(SIGSEGV);
}
TEST(Unit_02_3, Overflows) { std::abort(); }
TEST(Unit_02_3, After) {}

TEST(Unit_02_4, Swallowed) { EXPECT_ANY_THROW(todo("02.4")); }
TEST(Unit_02_4, Plain) { todo("02.4"); }
TEST(Unit_02_4, Passes) {}
TEST(Unit_02_5, Blocked) { todo("01.3"); }
TEST(Progressive_02_1, WaitsForTwo) {
  EXPECT_ANY_THROW(todo("03.3"));
  EXPECT_ANY_THROW(todo("01.3"));
}
TEST(Progressive_02_1, Passes) {}
TEST(Progressive_02_4, MeetsItsOwnToo) {
  EXPECT_ANY_THROW(todo("01.3"));
  todo("02.4");
}
TEST(Progressive_02_5, Waits) { todo("02.1"); }
TEST(Progressive_02_2, Fails) { ADD_FAILURE() << "the values differ"; }
TEST(Unit_02_6, InThread) {
  std::thread([] { todo("02.6"); }).join();
}
void cannot_throw() noexcept { todo("02.6"); }
TEST(Unit_02_6, InNoexcept) { cannot_throw(); }

TEST(Unit_02_7, Loops) {
  for (volatile bool forever = true; forever;) {
  }
}
TEST(Unit_02_7, After) {}
TEST(Unit_02_8, Sleeps) { ::sleep(1000); }
TEST(Unit_02_9, NeverReached) {}

TEST(Unit_03_1, Exits) { std::exit(0); }
TEST(Unit_03_1, After) {}
TEST(Unit_03_2, Skips) { GTEST_SKIP() << "no such device"; }
TEST(Unit_03_3, DiesAtExit) {
  std::atexit([] { ::raise(SIGSEGV); });
}
TEST(Unit_03_4, StatusAtExit) {
  std::atexit([] { ::_exit(7); });
}
TEST(Unit_03_5, Nonsense) { send("not json"); }
TEST(Unit_03_5, After) {}
TEST(Unit_03_6, Forks) {
  if (::fork() == 0) {
    ADD_FAILURE() << "the copy's own business";
    std::exit(1);
  }
}
TEST(Unit_03_7, LeavesAProcess) {
  if (::fork() == 0) {
    ::sleep(1000);
    ::_exit(0);
  }
}
TEST(Unit_03_8, Prints) {
  std::cout << "\xff\xfe not UTF-8, and a " << std::string(5000, 'x') << std::endl;
  FAIL() << "\xff" << std::string(5000, 'y');
}
TEST(Unit_03_9, LeavesAFile) { std::ofstream(std::string(std::getenv("TMPDIR")) + "/left.txt") << "x"; }

class Unit_04_1 : public ::testing::TestWithParam<int> {};
TEST_P(Unit_04_1, Holds) { EXPECT_GE(GetParam(), 0); }
INSTANTIATE_TEST_SUITE_P(Small, Unit_04_1, ::testing::Values(0, 1));

class Unit_04_2 : public ::testing::Test {
 public:
  static void SetUpTestSuite() { todo("04.2"); }
};
TEST_F(Unit_04_2, NeedsItsSetUp) {}

::testing::AssertionResult same(int x, int y) {
  return x == y ? ::testing::AssertionSuccess() : ::testing::AssertionFailure() << "54 of 57 values differ";
}
void helper() { ADD_FAILURE() << "the helper says no"; }

TEST(Unit_06_1, ATextAndThenAValue) {
  ADD_FAILURE() << "the message should mention 'mul'";
  ADD_FAILURE() << "a value is wrong";
}
TEST(Unit_06_1, AValueAndThenAnOperand) {
  const int x = 1, before = 2;
  ADD_FAILURE() << "a value is not right";
  EXPECT_TRUE(same(x, before)) << "an op must not change its operand";
}
TEST(Unit_06_1, AHelperFails) { helper(); }
TEST(Unit_06_1, AMatcherSaysWhy) {
  const int x = 1, y = 2;
  EXPECT_TRUE(same(x, y)) << "at 3";
}
TEST(Unit_06_2, WorksForHalfASecond) {
  while (std::clock() < CLOCKS_PER_SEC / 2) {
  }
}

TEST(Unit_04_3, Sanitizer) { report_like_a_sanitizer(); }
TEST(Unit_04_4, FillsTheDisk) {
  std::FILE* file = std::fopen((std::string(std::getenv("TMPDIR")) + "/big").c_str(), "w");
  std::fseek(file, 600L << 20, SEEK_SET);
  std::fputc('x', file);
  std::fflush(file);
}
TEST(Unit_04_5, ReadsTheEnvironment) {
  for (const char* name : {"GTEST_SHUFFLE", "TESTBRIDGE_TEST_ONLY", "TESTBRIDGE_TEST_RUNNER_FAIL_FAST",
                           "TEST_PREMATURE_EXIT_FILE", "XML_OUTPUT_FILE", "TEST_TMPDIR"}) {
    EXPECT_EQ(std::getenv(name), nullptr) << name;
  }
  EXPECT_STREQ(std::getenv("OPENBLAS_NUM_THREADS"), "1");
}
class Unit_04_6 : public ::testing::Test {
 public:
  static void TearDownTestSuite() { std::abort(); }  // after one case ended, before the next began
};
TEST_F(Unit_04_6, Ends) {}
TEST(GradientFlow_04_6, Follows) {}
TEST(Unit_05_1, MeetsTheNext) {
  EXPECT_TRUE(meets("first", "second"));
  ::usleep(200'000);  // ends after the next
}
TEST(Unit_05_2, MeetsTheOneBefore) { EXPECT_TRUE(meets("second", "first")); }
TEST(Integration_05, Passes) {}

TEST(Unit_06_1, Shouts) {
  send_without_the_number("{\"event\":\"end\",\"case\":\"Unit_06_1.Fails\",\"ok\":true}");
  ::usleep(200'000);
}
TEST(Unit_06_1, Fails) { FAIL(); }
TEST(Unit_06_2, EndsTwice) {
  send(R"({"event":"end","case":"Unit_06_2.EndsTwice","ok":true})");
  FAIL();
}
TEST(Unit_06_3, EndsWhatNeverBegan) { send(R"({"event":"end","case":"Unit_06_3.Later","ok":true})"); }
TEST(Unit_06_3, Later) { FAIL(); }
TEST(Unit_06_4, IsDone) {
  send(R"({"event":"end","case":"Unit_06_4.IsDone","ok":true})");
  send(R"({"event":"done","ran":1})");
  ::_exit(0);
}
TEST(Unit_06_5, GoesOn) {
  std::atexit([] { send(R"({"event":"start","case":"Unit_06_5.GoesOn"})"); });
}
TEST(Unit_06_6, NobodyAskedFor) { send(R"({"event":"start","case":"Unit_06_1.Fails"})"); }
TEST(Unit_06_7, EndsWithZero) {
  std::atexit([] { ::_exit(0); });
}
TEST(Unit_06_8, Floods) {
  for (int i = 0; i < 200'000; ++i) send("{}");
}
TEST(Unit_06_9, HidesAProcess) {
  if (::fork() != 0) return;
  ::setsid();
  if (::fork() != 0) ::_exit(0);
  ::sleep(1000);
}

// A listener that makes every failure a success, as far as the ones after it can see.
class Flatterer : public ::testing::EmptyTestEventListener {
  void OnTestPartResult(const ::testing::TestPartResult& part) override {
    if (part.failed()) throw std::runtime_error("no failure is recorded");
  }
};
TEST(Unit_07_1, Flatters) { ::testing::UnitTest::GetInstance()->listeners().Append(new Flatterer); }
TEST(Unit_07_2, Allocates) {
  std::vector<std::unique_ptr<char[]>> kept;
  for (;;) kept.emplace_back(new char[std::size_t{1} << 26]);
}
TEST(Unit_07_3, Paints) { FAIL() << "\x1b[2J\x1b[31mPASSED\x07 \xc2\x9b and \t a tab"; }

// A student's static object can hang before any case begins.
const bool hung = [] {
  if (std::getenv("FIXTURE_HANGS") != nullptr) ::sleep(1000);
  if (std::getenv("FIXTURE_DIES") != nullptr) std::abort();
  return true;
}();

}  // namespace
