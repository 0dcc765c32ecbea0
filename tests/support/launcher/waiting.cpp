#include "support/launcher/waiting.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

namespace launcher {

std::chrono::nanoseconds kept_waiting(pid_t pid) {
  std::int64_t longest = 0;
  std::error_code gone;  // a thread may end while its folder is read
  for (std::filesystem::directory_iterator thread("/proc/" + std::to_string(pid) + "/task", gone), end;
       !gone && thread != end; thread.increment(gone)) {
    std::ifstream in(thread->path() / "schedstat");
    std::int64_t ran = 0, waited = 0;
    if (in >> ran >> waited) longest = std::max(longest, waited);
  }
  return std::chrono::nanoseconds(longest);
}

}  // namespace launcher
