// todo.cpp: given. The record outlives the exception, so a test that swallows it still shows as `todo`.
#include "01_tensor/todo.hpp"

#include <cstdio>
#include <mutex>
#include <utility>

namespace rushlight {
namespace {

std::mutex ids_mutex;
std::vector<std::string> ids;

}  // namespace

void todo(const char* id) {
  {
    const std::lock_guard lock(ids_mutex);
    ids.emplace_back(id);
  }
  std::fprintf(stderr, "todo %s: not written yet\n", id);
  throw Todo{id};
}

std::vector<std::string> take_todos() {
  const std::lock_guard lock(ids_mutex);
  return std::exchange(ids, {});
}

}  // namespace rushlight
