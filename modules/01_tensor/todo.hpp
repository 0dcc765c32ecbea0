// todo.hpp: marks a blank that nobody has written yet. The test runner reports it as `todo`, not as a failure.
#pragma once

#include <string>
#include <vector>

namespace rushlight {

// What todo() throws. It shares no base with the library's errors, so `catch (const Error&)` and
// `catch (const std::exception&)` let it through.
struct Todo {
  std::string id;
};

// Records the task's id, writes it to stderr (another thread may abort before anyone catches) and throws Todo.
[[noreturn]] void todo(const char* id);

// The ids recorded since the last call, in order. Clears the record. Safe to call from any thread.
std::vector<std::string> take_todos();

}  // namespace rushlight
