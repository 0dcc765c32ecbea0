// lines.hpp: lines of text between the process of the cases and those of the ranks, over a socket of this machine.
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>

namespace rushlight::test {

using Clock = std::chrono::steady_clock;

// What tells a process that mpirun started what it is for.
constexpr const char* kServe = "RUSHLIGHT_RANKS_AT";  // the socket at which it asks for bodies
constexpr const char* kJob = "RUSHLIGHT_RANKS_JOB";   // the one body of a job of its own

inline sockaddr_un address(const std::string& name, socklen_t& length) {
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  std::copy(name.begin(), name.end(), where.sun_path + 1);  // an abstract name: no file, no length of a folder
  length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  return where;
}

inline void write_line(int descriptor, const std::string& line) {
  const std::string text = line + "\n";
  for (std::size_t sent = 0; sent < text.size();) {
    const ssize_t count = ::send(descriptor, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return;  // the other side is gone, and whoever reads from it notices
    sent += static_cast<std::size_t>(count);
  }
}

enum class Heard { line, nothing, end };

class Lines {
 public:
  explicit Lines(int descriptor) : descriptor_(descriptor) {}

  Heard next(std::string& line, Clock::time_point deadline) {
    for (;;) {
      if (const std::size_t end = buffer_.find('\n'); end != std::string::npos) {
        line = buffer_.substr(0, end);
        buffer_.erase(0, end + 1);
        return Heard::line;
      }
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
      pollfd watched{descriptor_, POLLIN, 0};
      if (left <= 0 || ::poll(&watched, 1, static_cast<int>(left)) <= 0) return Heard::nothing;
      char part[4096];
      const ssize_t count = ::recv(descriptor_, part, sizeof part, 0);
      if (count <= 0) return Heard::end;
      buffer_.append(part, static_cast<std::size_t>(count));
    }
  }

 private:
  int descriptor_;
  std::string buffer_;
};

inline Clock::time_point in(double seconds) {
  return Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

}  // namespace rushlight::test
