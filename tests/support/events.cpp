// events.cpp: the gtest listener behind events.hpp.
#include "support/events.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "01_tensor/todo.hpp"
#include "support/channel.hpp"
#include "support/first_failure.hpp"

namespace rushlight::reporting {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;
using Ids = std::vector<std::string>;

constexpr std::size_t kLongestMessage = 2000;

// Cuts before a UTF-8 continuation byte, so that no character is halved.
std::string trimmed(std::string text) {
  if (text.size() <= kLongestMessage) return text;
  std::size_t end = kLongestMessage;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "\n… (shortened)";
}

std::string case_name(const ::testing::TestInfo& info) {
  return std::string(info.test_suite_name()) + "." + info.name();
}

std::string todo_message(const Ids& todo) {
  std::string text;
  for (const std::string& id : todo) {
    text += (text.empty() ? "" : "\n") + ("todo " + id + ": not written yet");
  }
  return text;
}

void add_new(Ids& to, const Ids& from) {
  for (const std::string& id : from) {
    if (std::find(to.begin(), to.end(), id) == to.end()) to.push_back(id);
  }
}

class EventListener : public ::testing::EmptyTestEventListener {
 public:
  void OnTestSuiteStart(const ::testing::TestSuite&) override {
    take_todos();
    suite_todo_.clear();
  }

  void OnTestStart(const ::testing::TestInfo& info) override {
    add_new(suite_todo_,
            take_todos());  // a blank reached by SetUpTestSuite concerns every case of the suite
    start_ = Clock::now();
    write({{"event", "start"}, {"case", case_name(info)}, {"file", info.file()}, {"line", info.line()}});
  }

  // gtest calls a listener added after its own printer before that printer, and still counts
  // failures here.
  void OnTestEnd(const ::testing::TestInfo& info) override {
    const double ms = std::chrono::duration<double, std::milli>(Clock::now() - start_).count();
    Ids todo = suite_todo_;
    add_new(todo, take_todos());
    if (!todo.empty()) ADD_FAILURE_AT(info.file(), info.line()) << todo_message(todo);
    write_end(info, todo, ms);
    ++ran_;
  }

  void OnTestProgramEnd(const ::testing::UnitTest&) override { write({{"event", "done"}, {"ran", ran_}}); }

 private:
  void write_end(const ::testing::TestInfo& info, const Ids& todo, double ms) {
    const Failure failure = first_failure(info);
    write({{"event", "end"},
           {"case", case_name(info)},
           {"ok", info.result()->Passed()},
           {"skipped", info.result()->Skipped()},
           {"todo", todo},
           {"ms", ms},
           {"message", trimmed(todo.empty() ? failure.message : todo_message(todo))},
           {"file", failure.file},
           {"line", failure.line}});
  }

  void write(const json& event) {
    // Messages may hold any bytes a student prints: replace what is not UTF-8 rather than throw.
    reporting::send(event.dump(-1, ' ', false, json::error_handler_t::replace));
  }

  Ids suite_todo_;
  Clock::time_point start_;
  int ran_ = 0;
};

}  // namespace

void install_events() { ::testing::UnitTest::GetInstance()->listeners().Append(new EventListener); }

}  // namespace rushlight::reporting
